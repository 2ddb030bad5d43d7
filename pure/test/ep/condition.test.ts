import type { JsonObject, JsonValue } from '@countersign/pure/core/json'
import { readShape } from '@countersign/pure/core/shape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDecimals, condition, evaluateCondition, resolvePointer } from '../../src/ep/condition.js'
import { runs } from '../core/runs.js'
import { refusalOf } from '../ep/refusal-of.js'

const parse = (value: JsonValue) => readShape(condition, value)
const evaluate = (value: JsonValue, action: JsonObject) => evaluateCondition(parse(value), action)

const action: JsonObject = {
  parameters: {
    amount: '100000.00',
    count: 3,
    list: ['a', 'b'],
    'a/b': 1,
    'm~n': 2,
    '': 4,
    nested: { x: [1, { y: null }] },
  },
}

describe('EP-POL-2: decimals compare exactly', () => {
  const decimal = fc
    .tuple(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** 30n }),
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 25 }),
    )
    .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`)

  /** The value times 10^25, by string and BigInt alone. */
  function reference(text: string): bigint {
    const [whole, fraction = ''] = text.replace('-', '').split('.') as [string, string?]
    const scaled = BigInt(whole + fraction.padEnd(25, '0'))
    return text.startsWith('-') ? -scaled : scaled
  }

  test('against a BigInt reference', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const [a, b] = [reference(left), reference(right)]
        const order = a < b ? -1 : a > b ? 1 : 0
        expect(Math.sign(compareDecimals(left, right))).toBe(order)
        const holds = (operator: string) => evaluate({ [operator]: ['/amount', right] }, { amount: left })
        expect([holds('dec_lt'), holds('dec_le'), holds('dec_gt'), holds('dec_ge')]).toEqual([
          order < 0,
          order <= 0,
          order > 0,
          order >= 0,
        ])
      }),
      runs(),
    )
  })

  test.each([
    ['0.1', '0.10', 0],
    ['-0', '0', 0],
    ['-0.0', '0', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['0.30000000000000004', '0.3', 1],
    ['-1', '-1.0000000000000000000000001', 1],
  ])('%s and %s', (left, right, order) => {
    expect(Math.sign(compareDecimals(left, right))).toBe(order)
  })

  test.each(['+1', '01', '1.', '.5', '1e3', ' 1', '1 ', '', '-', '1,0', '٣', 'NaN'])('%j is no decimal', (text) => {
    expect(refusalOf(() => parse({ dec_ge: ['/amount', text] }))?.code).toBe('condition_literal_malformed')
    expect(refusalOf(() => evaluate({ dec_ge: ['/amount', '1'] }, { amount: text }))?.code).toBe(
      'condition_operand_malformed',
    )
  })
})

describe('EP-POL-2: the operators', () => {
  const rows: readonly (readonly [JsonValue, boolean])[] = [
    [{ eq: ['/parameters/count', 3] }, true],
    [{ eq: ['/parameters/count', '3'] }, false],
    [{ eq: ['/parameters/list', ['a', 'b']] }, true],
    [{ eq: ['/parameters/nested', { x: [1, { y: null }] }] }, true],
    [{ in: ['/parameters/list/1', ['c', 'b']] }, true],
    [{ in: ['/parameters/list/1', ['c', ['b']]] }, false],
    [{ prefix: ['/parameters/amount', '100'] }, true],
    [{ prefix: ['/parameters/amount', ''] }, true],
    [{ exists: ['/parameters/a~1b'] }, true],
    [{ exists: ['/parameters/m~0n'] }, true],
    [{ exists: ['/parameters/'] }, true],
    [{ exists: ['/parameters/list/2'] }, false],
    [{ exists: ['/parameters/list/01'] }, false],
    [{ exists: ['/parameters/list/-'] }, false],
    [{ exists: ['/parameters/nested/x/1/y'] }, true],
    [{ exists: ['/parameters/toString'] }, false],
    [{ exists: ['/__proto__'] }, false],
    [{ exists: ['/parameters/amount/0'] }, false],
    [{ not: { exists: ['/parameters/none'] } }, true],
  ]
  test.each(rows)('%j is %s', (tree, holds) => {
    expect(evaluate(tree, action)).toBe(holds)
  })

  test('resolves as RFC 6901 shows', () => {
    const document: JsonObject = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7 }
    const found = ['/foo/0', '/', '/a~1b', '/c%d', '/m~0n', '/ '].map((pointer) => resolvePointer(document, pointer))
    expect(found).toEqual(['bar', 0, 1, 2, 8, 7])
  })
})

describe('EP-POL-2: an error that is reached ends the evaluation', () => {
  /** A reference: the value, or `error` where an operand is missing, by the words of the rule. */
  function reference(node: JsonObject, present: ReadonlySet<string>): boolean | 'error' {
    const [operator, operand] = Object.entries(node)[0] as [string, JsonValue]
    if (operator === 'not') {
      const value = reference(operand as JsonObject, present)
      return value === 'error' ? 'error' : !value
    }
    if (operator === 'exists') return present.has((operand as string[])[0]!)
    if (operator === 'eq') return present.has((operand as string[])[0]!) ? (operand as JsonValue[])[1] === 'x' : 'error'
    for (const child of operand as JsonObject[]) {
      const value = reference(child, present)
      if (value === 'error') return 'error'
      if (value === (operator === 'any')) return value
    }
    return operator === 'all'
  }

  const pointers = ['/a', '/b', '/c']
  const pointer = fc.constantFrom(...pointers)
  const { tree } = fc.letrec<{ tree: JsonObject }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      pointer.map((at) => ({ exists: [at] })),
      fc.tuple(pointer, fc.constantFrom('x', 'y')).map(([at, value]) => ({ eq: [at, value] })),
      tie('tree').map((child) => ({ not: child })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    ),
  }))

  test('as the words of the rule say, over random trees', () => {
    fc.assert(
      fc.property(tree, fc.subarray(pointers), (node, present) => {
        const members = Object.fromEntries(present.map((at) => [at.slice(1), 'x']))
        const expected = reference(node, new Set(present))
        const refusal = refusalOf(() => expect(evaluate(node, members)).toBe(expected))
        expect(refusal?.code).toBe(expected === 'error' ? 'condition_operand_missing' : undefined)
      }),
      runs(),
    )
  })
})
