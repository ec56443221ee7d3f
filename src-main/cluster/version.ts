export const DRYDOCK_VERSION = '0.1.0'
