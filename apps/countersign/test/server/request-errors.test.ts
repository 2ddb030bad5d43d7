import { LogHalted, TileDamaged } from '@countersign/engine/log/halt'
import { JudgeFault } from '@countersign/engine/ports/receipt-judge'
import { StoreFault } from '@countersign/engine/ports/store'
import { Refusal } from '@countersign/pure/core/refusal'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { forbidden, Refused, unknown } from '../../src/server/decisions.js'
import { Fault } from '../../src/server/fault.js'
import { answerTo } from '../../src/server/request-errors.js'

const secret = '/data/countersign.db SELECT secret'
const refused = (kind: 'conflict' | 'gone' | 'unavailable', code: string) => new Refused({ code, at: '', kind })

describe('what a request is answered that was not carried out', () => {
  test.each<[string, unknown, number, string, number | undefined]>([
    ['a fault that changed nothing', new StoreFault(secret, 'safe'), 503, 'store_unavailable', 1],
    ['a fault in doubt', new StoreFault(secret, 'in_doubt'), 503, 'request_answer_unavailable', 1],
    ['no verdict', new JudgeFault(secret), 503, 'judge_unavailable', 1],
    ['a log that stopped', new LogHalted('log_anchor_truncated', secret), 503, 'log_anchor_truncated', undefined],
    ['a damaged tile', new TileDamaged(secret), 503, 'log_tile_damaged', 1],
    ['a fault of our own', new Fault(503, 'server_unavailable', 5), 503, 'server_unavailable', 5],
    ['a malformed body', new Refusal('json_syntax_invalid', '/a', secret), 400, 'json_syntax_invalid', undefined],
    ['a malformed body', new Refusal('json_size_too_large'), 413, 'json_size_too_large', undefined],
    ['no key', new Refusal('api_key_missing'), 401, 'api_key_missing', undefined],
    ['what may not be', forbidden('api_key_role_insufficient', ''), 403, 'api_key_role_insufficient', undefined],
    ['what is not there', unknown('receipt_unknown'), 404, 'receipt_unknown', undefined],
    ['a conflict', refused('conflict', 'authorization_replayed'), 409, 'authorization_replayed', undefined],
    ['what is over', refused('gone', 'authorization_denied'), 410, 'authorization_denied', undefined],
    ['what passes', refused('unavailable', 'log_anchor_unavailable'), 503, 'log_anchor_unavailable', 1],
    ['what does not pass', refused('unavailable', 'clock_stale'), 503, 'clock_stale', undefined],
    ['no directory', refused('unavailable', 'directory_head_missing'), 404, 'directory_head_missing', undefined],
  ])('%s: %#', (_, error, status, code, retryAfter) => {
    const answer = answerTo(error, pino({ level: 'silent' }))
    expect(answer.problem).toMatchObject({ status, code, type: `urn:countersign:problem:${code}` })
    expect(answer.retryAfter).toBe(retryAfter)
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  test('a bug says nothing but an id, which stands in the log beside the cause', () => {
    const lines: string[] = []
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const { problem } = answerTo(new TypeError(secret), logger)
    expect(problem).toMatchObject({ status: 500, code: 'internal_error', error_id: expect.any(String) })
    expect(JSON.stringify(problem)).not.toContain('secret')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(problem.error_id)
    expect(lines[0]).toContain('SELECT secret')
  })
})
