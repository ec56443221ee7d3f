/**
 * Objects and lists within each other that a body may have. Far more than any object has, and few enough for all that walks one: written as
 * YAML, 2,500 of them kept the server busy for half a minute.
 */
const MOST_DEPTH = 500

const QUOTE = 0x22
const ESCAPE = 0x5c
/** `[` and `]`; `{` and `}` are these with one bit more. */
const OPEN = 0x5b
const CLOSE = 0x5d
const BRACE = 0x20

/** Whether JSON nests deeper than a body may. Cheap for nearly all, which do not open that many objects and lists at all. */
export function isTooDeep(json: string): boolean {
  return json.length > MOST_DEPTH && times(json, '{') + times(json, '[') > MOST_DEPTH && nestsTooDeep(json)
}

/** How often it is there, also in texts; counted no further than it matters. */
function times(json: string, character: string): number {
  let count = 0
  for (let at = json.indexOf(character); at >= 0 && count <= MOST_DEPTH; at = json.indexOf(character, at + 1)) count++
  return count
}

function nestsTooDeep(json: string): boolean {
  let depth = 0
  let isInText = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (isInText && code === ESCAPE) at++
    else if (code === QUOTE) isInText = !isInText
    else if (isInText) continue
    else if ((code & ~BRACE) === OPEN && ++depth > MOST_DEPTH) return true
    else if ((code & ~BRACE) === CLOSE) depth--
  }
  return false
}
