/** Mount points below a directory of this node, the deepest first, so that they can be unmounted in this order. */
export async function mountsUnder(read: (path: string) => Promise<string>, directory: string): Promise<string[]> {
  const table = await read('/proc/self/mounts')
  return table
    .split('\n')
    .map((line) => unescaped(line.split(' ')[1] ?? ''))
    .filter((path) => path.startsWith(`${directory}/`))
    .toSorted((a, b) => b.length - a.length)
}

/** The kernel writes blanks and backslashes of paths as three octal digits. */
const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
