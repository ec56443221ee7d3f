import type { ValidatingAdmissionPolicy } from '#types/admissionregistration.k8s.io/v1'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { findKind, findResource } from '../../../../src-kube/kinds/index.ts'
import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion, parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { dyn, type CelType } from '../../../../src-kube/machinery/cel/types.ts'
import { objectType } from '../../../../src-kube/machinery/schema/cel-type.ts'
import { findSchema } from '../../../../src-kube/machinery/schema/index.ts'
import { schemaType } from '../../../../src-kube/machinery/structural/cel-type.ts'
import { asResource, type JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { expressionWarnings, matchedTypes, type MatchedType } from './warnings.ts'

/**
 * Says in the status of each policy what is likely wrong with its expressions; it changes nothing about what the policy does
 * (kubernetes.io, "Validating Admission Policy: Type checking").
 */
export function policyTypeChecking(): AnyController {
  return defineController<ValidatingAdmissionPolicy>({
    name: 'validatingadmissionpolicy-status-controller',
    for: refs.validatingAdmissionPolicies,
    // Definitions are only read.
    watches: [watching(refs.customResourceDefinitions, () => [])],
    async reconcile(ctx, policy) {
      const { generation = 0 } = policy.metadata
      if (policy.status?.typeChecking && (policy.status.observedGeneration ?? 0) >= generation) return done
      const { matchConstraints, paramKind } = policy.spec ?? {}
      const types = matchedTypes(matchConstraints?.resourceRules ?? [], (...resource) => findType(ctx, ...resource))
      const params = paramKind && paramsType(ctx, paramKind.apiVersion ?? '', paramKind.kind ?? '')
      const found = expressionWarnings(policy, types, params)
      const typeChecking = found.length > 0 ? { expressionWarnings: found } : {}
      const status = { ...policy.status, observedGeneration: generation, typeChecking }
      await ctx.client.resource(refs.validatingAdmissionPolicies).updateStatus({ ...policy, status })
      return done
    },
  })
}

function findType(ctx: ControllerContext, group: string, version: string, resource: string): MatchedType | undefined {
  const builtIn = findResource(group, resource)
  if (builtIn) return typeOfKind(builtIn, version)
  const crd = definitions(ctx).find(({ spec }) => spec.group === group && spec.names.plural === resource)
  return crd && typeOfDefinition(crd, version)
}

const definitions = (ctx: ControllerContext): readonly CustomResourceDefinition[] =>
  ctx.informer(refs.customResourceDefinitions).list()

function typeOfKind({ group, kind }: KindDescriptor, version: string): MatchedType | undefined {
  const schema = findSchema(formatApiVersion(group, version), kind)
  return schema && { group, version, kind, type: objectType(schema) }
}

function typeOfDefinition({ spec }: CustomResourceDefinition, version: string): MatchedType | undefined {
  const { group, names, versions } = spec
  const schema = versions.find(({ name, served }) => served && name === version)?.schema?.openAPIV3Schema
  if (!schema) return undefined
  const type = schemaType(asResource(schema as JsonSchema), `${formatApiVersion(group, version)}.${names.kind}`)
  return { group, version, kind: names.kind, type }
}

function paramsType(ctx: ControllerContext, apiVersion: string, kind: string): CelType {
  const { group, version } = parseApiVersion(apiVersion)
  const builtIn = findKind(group, kind)
  if (builtIn) return typeOfKind(builtIn, version)?.type ?? dyn
  const crd = definitions(ctx).find(({ spec }) => spec.group === group && spec.names.kind === kind)
  return (crd && typeOfDefinition(crd, version)?.type) ?? dyn
}
