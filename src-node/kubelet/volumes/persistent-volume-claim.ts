import type { Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Client } from '../../../src-kube/client/typed-client.ts'
import { setUpHostPath } from './host-path.ts'

/** The path of the volume that the claim is bound to. */
export async function setUpClaim(client: Client, pod: Pod, claimName: string): Promise<string> {
  const claim = await client.resource(refs.persistentVolumeClaims).get(claimName, pod.metadata.namespace)
  const volumeName = claim.spec?.volumeName
  if (!volumeName || claim.status?.phase !== 'Bound') {
    throw new Error(`PVC ${claim.metadata.namespace}/${claimName} is not bound`)
  }
  const volume = await client.resource(refs.persistentVolumes).get(volumeName)
  const { hostPath, local, claimRef } = volume.spec ?? {}
  if (claimRef?.uid && claimRef.uid !== claim.metadata.uid) {
    throw new Error(
      `PV.Spec.ClaimRef.UID ${claimRef.uid} does not match PVC.UID ${claim.metadata.uid} for PVC ${claim.metadata.namespace}/${claimName}`,
    )
  }
  if (hostPath) return setUpHostPath(hostPath.path, hostPath.type)
  if (local) return setUpHostPath(local.path, 'Directory')
  throw new Error(`no volume plugin matched for persistent volume ${volumeName}`)
}
