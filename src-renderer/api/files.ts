/** Files between this machine and the app: a person chooses one, or finds one among their downloads. */

/** Asks a person for a file; undefined when they chose none. Has to be called as they click. */
export async function pickFile(): Promise<File | undefined> {
  const [file] = await choose({ multiple: false, accept: '' })
  return file
}

/** Asks for any number of files whose names end in one of these, `.yaml,.json`; none when they chose none. As {@link pickFile}. */
export const pickFiles = (accept: string): Promise<File[]> => choose({ multiple: true, accept })

function choose({ multiple, accept }: { multiple: boolean; accept: string }): Promise<File[]> {
  const input = document.createElement('input')
  Object.assign(input, { type: 'file', multiple, accept })
  return new Promise((done) => {
    input.addEventListener('change', () => done([...(input.files ?? [])]))
    input.addEventListener('cancel', () => done([]))
    input.click()
  })
}

/** Puts bytes or a text among a person's downloads. */
export function saveFile(name: string, parts: BlobPart[], type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
