/** Why a body is no patch, in the words of Go's decoder: `wanted` is the type that it would be read into. */
export function malformed(patch: unknown, wanted: string): string {
  if (patch === undefined) return 'unexpected end of JSON input'
  const type = Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch
  return `json: cannot unmarshal ${type} into Go value of type ${wanted}`
}

/** The Go type of patches that are objects. */
export const GO_MAP = 'map[string]interface {}'
