/** Kinds of which a deletion answers the object that went; of all others it answers that it went. */
const returned: ReadonlySet<string> = new Set([
  ...['namespaces', 'persistentvolumeclaims', 'persistentvolumes', 'pods', 'podtemplates', 'resourcequotas'].map(
    (plural) => `/${plural}`,
  ),
  ...['serviceaccounts', 'services'].map((plural) => `/${plural}`),
  ...['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments', 'volumeattributesclasses'].map(
    (plural) => `storage.k8s.io/${plural}`,
  ),
  ...['deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices'].map(
    (plural) => `resource.k8s.io/${plural}`,
  ),
])

/** Whether a DELETE answers with the object that went instead of a Status, as upstream does for few kinds. */
export const returnsObject = (group: string, plural: string): boolean => returned.has(`${group}/${plural}`)
