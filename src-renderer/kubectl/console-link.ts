import type { Actions } from '../../src-wire/gateway/actions.ts'
import type { Completion, KubectlActions, KubectlState } from '../../src-wire/gateway/kubectl.ts'
import type { StreamHandle, StreamHandlers } from '../api/connection.ts'
import type { Kube } from '../api/kube.ts'
import type { WrittenCommand } from './command-line.ts'

/** A console of the gateway, as a window reaches it. */
export class ConsoleLink {
  readonly #kube: Pick<Kube, 'cluster' | 'connection'>
  readonly #id: string
  #stream: StreamHandle | undefined

  constructor(kube: Pick<Kube, 'cluster' | 'connection'>, id: string) {
    this.#kube = kube
    this.#id = id
  }

  /** Looks at it, from the beginning of what is kept on; what was looked at before by this link is left. */
  attach(handlers: StreamHandlers): void {
    this.leave()
    const { cluster, connection } = this.#kube
    this.#stream = connection.open({ cluster, stream: 'console', path: this.#id }, handlers)
  }

  /** What runs there goes on. */
  leave(): void {
    this.#stream?.close()
    this.#stream = undefined
  }

  state(): Promise<KubectlState> {
    return this.#act('kubectl.state', {})
  }

  /** Resolves to whether it succeeded, once all that it said was told. */
  async run({ line, program, words, filters, input }: WrittenCommand, namespace: string): Promise<boolean> {
    const wish = { console: this.#id, line, program, words, filters, namespace }
    const { succeeded } = await this.#act('kubectl.run', input === undefined ? wish : { ...wish, input })
    return succeeded
  }

  /** To the standard input of what runs; nothing ends it. */
  input(text: string): void {
    this.#stream?.write(new TextEncoder().encode(text))
  }

  async interrupt(): Promise<void> {
    await this.#act('kubectl.interrupt', { console: this.#id })
  }

  async clear(): Promise<void> {
    await this.#act('kubectl.clear', { console: this.#id })
  }

  complete({ program, words }: Pick<WrittenCommand, 'program' | 'words'>, namespace: string): Promise<Completion> {
    return this.#act('kubectl.complete', { program, words, namespace })
  }

  #act<Name extends keyof KubectlActions>(name: Name, input: Actions[Name]['input']): Promise<Actions[Name]['result']> {
    return this.#kube.connection.action(this.#kube.cluster, name, input)
  }
}
