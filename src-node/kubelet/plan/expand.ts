/**
 * Replaces `$(NAME)` by known values; `$$` stands for one `$` and so escapes, references to unknown names stay as they are
 * (kubernetes.io, "Define Dependent Environment Variables").
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(/\$(\$|\(([^)]*)\))/g, (whole, first: string, name: string | undefined) =>
    first === '$' ? '$' : (valueOf(name ?? '') ?? whole),
  )
}
