/** Lines that a function may have; the house style asks for fifty. */
export const mostLines = 60

/** Functions that are longer, as `file name`, each with its reason. */
export const longFunctions: Record<string, string> = {
  'src-main/controlplane/apiserver/openapi/discovery-paths.ts generalPaths': 'a table of paths and what they answer',
}
