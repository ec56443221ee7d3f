import { gauge, type Metric } from '../../../../src-kube/machinery/metrics/prometheus.ts'

/**
 * Feature gates of 1.36 and whether what they stand for is on here, by stage (kubernetes.io, "Feature Gates"). Those that are on although 1.36
 * has them off: certificates of pods, the streams of a log told apart, and `maxUnavailable` of a StatefulSet.
 */
const gates: ReadonlyArray<[stage: '' | 'BETA' | 'ALPHA' | 'DEPRECATED', on: 0 | 1, names: string]> = [
  [
    '',
    1,
    `APIServerTracing AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors BtreeWatchCache
    CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets ConsistentListFromCache CustomResourceFieldSelectors
    DRAAdminAccess DRAPrioritizedList DisableAllocatorDualWrite DynamicResourceAllocation ExecProbeTimeout ExternalServiceAccountTokenSigner
    HonorPVReclaimPolicy ImageMaximumGCAge ImageVolume InPlacePodVerticalScaling JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy
    JobSuccessPolicy KubeletCgroupDriverFromCRI KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet
    KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator MutableCSINodeAllocatableCount
    MutatingAdmissionPolicy NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap OrderedNamespaceDeletion
    PodLifecycleSleepAction PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodSchedulingReadiness
    PreferSameTrafficDistribution ProcMountType RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation
    RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName SchedulerQueueingHints
    SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation
    ServiceAccountTokenPodNodeInfo SidecarContainers StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf
    StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog TopologyManagerPolicyOptions UserNamespacesSupport
    VolumeAttributesClass`,
  ],
  [
    'BETA',
    1,
    `APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth AuthorizePodWebsocketUpgradeCreatePermission
    CRDObservedGenerationTracking ClearingNominatedNodeNameAfterBinding ClusterTrustBundle ClusterTrustBundleProjection ComponentFlagz
    ComponentStatusz ConstrainedImpersonation ContainerRestartRules DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints
    DRAExtendedResource DRAPartitionableDevices DRAResourceClaimDeviceStatus DRAResourceClaimGranularStatusAuthorization
    DRASchedulerFilterTimeout DeclarativeValidation DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency EnvFiles
    ExtendWebSocketsToKubelet GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HostnameOverride
    InPlacePodLevelResourcesVerticalScaling InPlacePodVerticalScalingInitContainers KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletSeparateDiskGC ListFromCacheSnapshot
    MatchLabelKeysInPodTopologySpread MatchLabelKeysInPodTopologySpreadSelectorMerge MaxUnavailableStatefulSet
    MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs NodeDeclaredFeatures NominatedNodeNameForExpectation
    OpenAPIEnums PodCertificateRequest PodDeletionCost PodLevelResources PodReadyToStartContainersCondition PodTopologyLabelsAdmission
    PortForwardWebsockets PreventStaticPodAPIReferences RelaxedServiceNameValidation RemoteRequestHeaderUID ResourceHealthStatus
    RestartAllContainersOnContainerExits RotateKubeletServerCertificate SELinuxChangePolicy SchedulerAsyncPreemption SchedulerPopFromBackoffQ
    ServiceAccountNodeAudienceRestriction SizeBasedListCostEstimate StatefulSetSemanticRevisionComparison StorageVersionHash
    StrictIPCIDRValidation TokenRequestServiceAccountUIDValidation TranslateStreamCloseWebsocketRequests UnauthenticatedHTTP2DOSMitigation
    WatchList`,
  ],
  [
    'BETA',
    0,
    `ConcurrentWatchObjectDecode CoordinatedLeaderElection DRADeviceTaintRules
    LocalStorageCapacityIsolationFSQuotaMonitoring SELinuxMount SchedulerAsyncAPICalls StorageVersionMigrator`,
  ],
  ['ALPHA', 1, 'PodLogsQuerySplitStreams'],
  [
    'ALPHA',
    0,
    `AllowUnsafeMalformedObjectDeletion CBORServingAndStorage CSIVolumeHealth ContainerStopSignals CrossNamespaceVolumeDataSource DRAListTypeAttributes
    DRAResourcePoolStatus EventedPLEG GangScheduling GenericWorkload HPAScaleToZero ImageVolumeWithDigest MemoryQoS MutablePVNodeAffinity
    StorageCapacityScoring StorageVersionAPI TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling
    UserNamespacesHostNetworkSupport VolumeLimitScaling WorkloadAwarePreemption`,
  ],
  ['DEPRECATED', 1, 'AllowServiceExternalIPs DisableNodeKubeProxyVersion'],
]

const samples = gates.flatMap(([stage, value, names]) =>
  names.split(/\s+/).map((name) => ({ labels: { name, stage }, value })),
)

/** What is on and how far it has come, as kube-apiserver tells it of its feature gates. */
export const featureMetric = (): Metric =>
  gauge('kubernetes_feature_enabled', '[BETA] Whether a feature is on (1) and at which stage it is.', samples)
