import type { KindDescriptor, ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { replaceBy } from './versions.ts'

/** Makes of an object what it is in another version of its kind. Rejects when it cannot. */
export type ConvertObject = (descriptor: KindDescriptor, object: KubeObject, to: ServedVersion) => Promise<KubeObject>

const askedVersion = ({ descriptor, served }: AdmissionAttributes): ServedVersion => served ?? descriptor.served[0]!

/** Only a webhook knows how versions of some custom kinds differ; all others are converted where they are shown. */
const isConverted = (attributes: AdmissionAttributes, to: ServedVersion): boolean =>
  attributes.descriptor.conversion !== undefined && to !== askedVersion(attributes)

/**
 * A request as those see it who want its objects in another version (kubernetes.io, "Dynamic Admission Control: Matching requests:
 * matchPolicy"). What they change of it is taken back by {@link takeBack}.
 */
export async function seenIn(
  attributes: AdmissionAttributes,
  to: ServedVersion,
  convert: ConvertObject,
): Promise<AdmissionAttributes> {
  if (!isConverted(attributes, to)) return attributes
  const { descriptor, object, oldObject } = attributes
  const seen = async (one: KubeObject | undefined): Promise<KubeObject | undefined> =>
    one?.kind === descriptor.kind ? convert(descriptor, structuredClone(one), to) : one
  return { ...attributes, object: await seen(object), oldObject: await seen(oldObject) }
}

/** Puts what was made of a seen object in the place of the request's own. */
export async function takeBack(
  changed: unknown,
  attributes: AdmissionAttributes,
  to: ServedVersion,
  convert: ConvertObject,
): Promise<void> {
  if (!isConverted(attributes, to) || (changed as KubeObject).kind !== attributes.descriptor.kind)
    return replaceBy(changed, attributes.object!, attributes, to)
  const asked = askedVersion(attributes)
  const back = await convert(attributes.descriptor, changed as KubeObject, asked)
  replaceBy(back, attributes.object!, attributes, asked)
}
