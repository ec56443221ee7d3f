import { flag, int, list, map, message, nested, text, texts } from '../plugins/rpc/message.ts'
import { method } from '../plugins/rpc/method.ts'

/** What kubelet and device plugins say to each other, version v1beta1 (kubernetes.io, "Device Plugins: Device plugin implementation"). */

const Empty = message({})

const RegisterRequest = message({ version: text(1), endpoint: text(2), resourceName: text(3) })

/** A plugin tells the kubelet that it is there. */
export const register = method('/v1beta1.Registration/Register', RegisterRequest, Empty)

/** What a plugin wants to be asked besides. */
const PluginOptions = message({ preStartRequired: flag(1), getPreferredAllocationAvailable: flag(2) })

/** What do you want to be asked? */
export const getDevicePluginOptions = method('/v1beta1.DevicePlugin/GetDevicePluginOptions', Empty, PluginOptions)

/** Memory and processors that a device is close to; passed on as it is. */
const Topology = message({ nodes: list(1, message({ id: int(1) })) })
const Device = message({ id: text(1), health: text(2), topology: nested(3, Topology) })

/** All devices, again whenever one of them changes. */
export const listAndWatch = method('/v1beta1.DevicePlugin/ListAndWatch', Empty, message({ devices: list(1, Device) }))

const PreferredRequest = message({ available: texts(1), mustInclude: texts(2), size: int(3) })

/** Which of these would you rather give? */
export const getPreferredAllocation = method(
  '/v1beta1.DevicePlugin/GetPreferredAllocation',
  message({ containers: list(1, PreferredRequest) }),
  message({ containers: list(1, message({ ids: texts(1) })) }),
)

const Mount = message({ containerPath: text(1), hostPath: text(2), readOnly: flag(3) })
const DeviceSpec = message({ containerPath: text(1), hostPath: text(2), permissions: text(3) })

/** What a container must have to use the devices that it was given. */
export const ContainerAnswer = message({
  envs: map(1),
  mounts: list(2, Mount),
  devices: list(3, DeviceSpec),
  annotations: map(4),
  cdiDevices: list(5, message({ name: text(1) })),
})

/** These devices are a container's now. */
export const allocate = method(
  '/v1beta1.DevicePlugin/Allocate',
  message({ containers: list(1, message({ ids: texts(1) })) }),
  message({ containers: list(1, ContainerAnswer) }),
)

/** A container that has these devices is about to start. */
export const preStartContainer = method('/v1beta1.DevicePlugin/PreStartContainer', message({ ids: texts(1) }), Empty)
