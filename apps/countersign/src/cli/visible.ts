/**
 * Text from outside, fit for a terminal: every character that would move the cursor, reorder the line, or not be seen at all is
 * written as its code point, and so is the backslash, so that nothing can be mistaken for such an escape.
 */
export function visible(text: string): string {
  return text.replace(unseen, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

// Controls, formats (bidirectional ones among them), surrogates, private use, unassigned, separators other than the plain space,
// whatever Unicode lets a renderer ignore, and the braille blank, which is a letter that nobody sees.
const unseen = /(?! )[\\\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu
