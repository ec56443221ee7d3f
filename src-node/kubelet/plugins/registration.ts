import { flag, message, text, texts } from './rpc/message.ts'
import { method } from './rpc/method.ts'

/** How a plugin introduces itself (kubernetes.io, "Kubelet plugin registration"): the service that it serves at its socket. */

/** What the plugin is: its kind, its name, where it serves that (nothing: here) and which versions of it. */
export const PluginInfo = message({ type: text(1), name: text(2), endpoint: text(3), supportedVersions: texts(4) })

const InfoRequest = message({})
const RegistrationStatus = message({ pluginRegistered: flag(1), error: text(2) })
const RegistrationStatusResponse = message({})

/** Who are you? */
export const getInfo = method('/pluginregistration.Registration/GetInfo', InfoRequest, PluginInfo)

/** Whether the kubelet works with the plugin from now on. */
export const notifyRegistrationStatus = method(
  '/pluginregistration.Registration/NotifyRegistrationStatus',
  RegistrationStatus,
  RegistrationStatusResponse,
)
