import { existingCluster, providerOf } from '../../cluster/attach.ts'
import { loadImages } from '../../cluster/node-operations.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Verb } from '../verb.ts'

export const image: Verb = {
  usage: 'image load REF…',
  summary: "Copy images of the desktop's Docker into every running node",
  flags: [],
  async run([action, ...references], flags, output) {
    if (action !== 'load' || references.length === 0)
      throw new UserError('Say which images.', 'drydock image load REF…')
    existingCluster(flags.name, flags.data)
    const { docker, provider } = await providerOf(flags.name)
    await loadImages(docker, provider, references, (line) => output.note(line))
    output.result({ cluster: flags.name, images: references }, [`Loaded ${references.join(', ')}.`])
  },
}
