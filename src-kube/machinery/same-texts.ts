/** Whether two lists say the same, line by line; one that is not there says nothing that could be the same. */
export const sameTexts = (left: readonly string[], right: readonly string[] | undefined): boolean =>
  right !== undefined && left.length === right.length && left.every((text, i) => text === right[i])
