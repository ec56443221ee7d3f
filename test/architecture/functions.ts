/** Lines that a function may have. */
export const MOST_LINES = 50

/** How deep its statements may stand in one another: `if`, loops, `switch` and `try`; `else if` stands beside its `if`. */
export const MOST_DEPTH = 3

/** Functions that are longer or deeper, as `file name`, each with its reason. */
export const longFunctions: Record<string, string> = {
  'src-main/controlplane/apiserver/openapi/discovery-paths.ts generalPaths': 'a table of paths and what they answer',
}
