/** Networks and names that every cluster has (ARCHITECTURE.md, "Names and numbers"). */
export const CLUSTER_CIDR = '10.244.0.0/16'
export const SERVICE_CIDR = '10.96.0.0/16'
export const CLUSTER_DNS = '10.96.0.10'
export const CLUSTER_DOMAIN = 'cluster.local'
