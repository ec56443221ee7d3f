/**
 * The editing of one object, without its view. What is saved carries the resourceVersion that the text was made from, so
 * nobody's change is overwritten unseen. When another was faster: changes of what people do not write (the status, bookkeeping) let
 * the save through; others are laid before the user, field by field. The draft outlives reloads until it is saved or thrown away.
 */
import { computed, ref, shallowRef } from 'vue'
import { isConflict } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { isSame, pathText, threeWay, type FieldPath, type TheirChange } from '../api/three-way.ts'
import type { Answer } from '../api/kube.ts'
import { readManifests, toYaml } from '../api/yaml.ts'

export interface ObjectEditOptions {
  load(): Promise<KubeObject>
  put(object: KubeObject, options: { dryRun: boolean }): Promise<Answer<KubeObject>>
  /** Where the draft is kept, under `draftKey`. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  draftKey: string
  /** What the text begins with where that is not the object as it is. */
  propose?(object: KubeObject): KubeObject
}

/** What another did to the object since the text was made from it. */
export interface Conflict {
  theirs: KubeObject
  changes: TheirChange[]
}

interface Draft {
  text: string
  base: KubeObject
}

/** Saves that run into nothing but changes of the status are tried again this often. */
const mostRetries = 5

export function createObjectEdit({ load, put, storage, draftKey, propose = (object) => object }: ObjectEditOptions) {
  const text = ref('')
  /** The object the text was made from. */
  const base = shallowRef<KubeObject>()
  const baseText = computed(() => (base.value ? toYaml(base.value) : ''))
  const unsaved = computed(() => base.value !== undefined && text.value !== baseText.value)
  const conflict = shallowRef<Conflict>()
  /** Mine or theirs, by the text of the path; mine where nothing is chosen. */
  const choices = ref<Record<string, 'mine' | 'theirs'>>({})
  const problem = ref('')
  const note = ref<'' | 'restored' | 'valid' | 'saved' | 'merged'>('')
  const busy = ref(false)

  const take = (object: KubeObject): void => {
    base.value = object
    text.value = toYaml(object)
    conflict.value = undefined
    choices.value = {}
  }
  const written = (): KubeObject => {
    const [document, more] = readManifests(text.value)
    if (!document?.object || more) throw new Error(document?.problem ?? 'The text must be exactly one object.')
    return document.object
  }
  const choose = (path: FieldPath): 'mine' | 'theirs' => choices.value[pathText(path)] ?? 'mine'

  /** Lays open what another changed; false when none of it concerns what people write. */
  const compare = async (mine: KubeObject): Promise<{ theirs: KubeObject; concerns: boolean }> => {
    const theirs = await load()
    const { changes } = threeWay(ownPart(base.value!), ownPart(mine), ownPart(theirs), choose)
    if (changes.length === 0) return { theirs, concerns: false }
    conflict.value = { theirs, changes }
    return { theirs, concerns: true }
  }
  const send = async (dryRun: boolean): Promise<void> => {
    const object = written()
    let revision = object.metadata.resourceVersion ?? base.value!.metadata.resourceVersion
    for (let tries = 0; ; tries++) {
      const metadata = { ...object.metadata, ...(revision ? { resourceVersion: revision } : {}) }
      try {
        const saved = await put({ ...object, metadata }, { dryRun })
        note.value = dryRun ? 'valid' : 'saved'
        problem.value = saved.warnings.join(' ')
        if (!dryRun) take(saved.object)
        return
      } catch (error) {
        if (!isConflict(error) || tries === mostRetries) throw error
        const { theirs, concerns } = await compare(object)
        if (concerns) return
        revision = theirs.metadata.resourceVersion
      }
    }
  }
  /** Runs something with the buttons off and failures said in their own words; the text stays as it is. */
  const attempt = async (run: () => Promise<void> | void): Promise<void> => {
    busy.value = true
    problem.value = note.value = ''
    try {
      await run()
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error)
    } finally {
      busy.value = false
    }
  }
  return {
    text,
    base,
    baseText,
    unsaved,
    conflict,
    choices,
    problem,
    note,
    busy,
    open: () =>
      attempt(async () => {
        const kept = storage.getItem(draftKey)
        const draft = kept ? (JSON.parse(kept) as Draft) : undefined
        const object = draft?.base ?? (await load())
        base.value = object
        text.value = draft?.text ?? toYaml(propose(object))
        if (draft) note.value = 'restored'
      }),
    /** Writes the draft down, or removes it when there is nothing to lose. */
    keep() {
      if (unsaved.value) storage.setItem(draftKey, JSON.stringify({ text: text.value, base: base.value }))
      else if (base.value) storage.removeItem(draftKey)
    },
    forget: () => storage.removeItem(draftKey),
    save: () => attempt(() => send(false)),
    dryRun: () => attempt(() => send(true)),
    /** Puts both changes into one text, upon theirs; nothing is saved yet. */
    merge: () =>
      attempt(() => {
        const { theirs } = conflict.value!
        const { value } = threeWay(ownPart(base.value!), ownPart(written()), ownPart(theirs), choose)
        base.value = theirs
        text.value = toYaml(withOwnPart(theirs, value as KubeObject))
        conflict.value = undefined
        choices.value = {}
        note.value = 'merged'
      }),
    /** Takes what stands on the server; the editor's undo brings mine back. */
    discard: () => take(conflict.value!.theirs),
  }
}

/** Bookkeeping of the server, which nobody writes. */
const kept = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'] as const

/** An object without what the server keeps itself. */
function ownPart(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata }
  for (const field of kept) delete metadata[field]
  const own: Record<string, unknown> = { ...object, metadata }
  delete own['status']
  return own as unknown as KubeObject
}

function withOwnPart(theirs: KubeObject, own: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...own.metadata }
  const { metadata: held } = theirs
  for (const field of kept) if (field in held) metadata[field] = (held as unknown as Record<string, unknown>)[field]
  const merged = { ...own, metadata: metadata as unknown as KubeObject['metadata'] }
  return isSame(theirs['status'], undefined) ? merged : { ...merged, status: theirs['status'] }
}
