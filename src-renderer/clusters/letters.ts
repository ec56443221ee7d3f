interface Named {
  id: string
  name: string
}

/** Two letters a cluster that tell it from the others: the first two of its name, else its first and one in which it differs. */
export function lettersOf(clusters: readonly Named[]): Map<string, string> {
  const usual = ({ name }: Named): string => name.slice(0, 2)
  return new Map(
    clusters.map((cluster) => {
      const alike = clusters.filter((other) => other !== cluster && usual(other) === usual(cluster))
      const rest = cluster.name.slice(commonLength([cluster, ...alike].map(({ name }) => name)))
      const own = alike.length === 0 ? undefined : /[\p{L}\p{N}]/u.exec(rest)?.[0]
      return [cluster.id, own === undefined ? usual(cluster) : cluster.name.slice(0, 1) + own]
    }),
  )
}

function commonLength(names: readonly string[]): number {
  const [first = ''] = names
  for (let at = 0; at < first.length; at++) if (names.some((name) => name[at] !== first[at])) return at
  return first.length
}
