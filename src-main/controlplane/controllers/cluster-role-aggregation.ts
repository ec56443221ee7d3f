import type { ClusterRole } from '#types/rbac.authorization.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../src-kube/machinery/labels.ts'
import { type AnyController, defineController, done, watching } from '../../../src-kube/runtime/controller.ts'
import { equal } from './equal.ts'

/** Fills cluster roles that have an aggregation rule with the rules of the roles it selects ("Aggregated ClusterRoles"). */
export function clusterRoleAggregation(): AnyController {
  return defineController<ClusterRole>({
    name: 'clusterrole-aggregation-controller',
    for: refs.clusterRoles,
    workers: 1,
    watches: [
      watching(refs.clusterRoles, (_role, ctx) =>
        ctx
          .informer(refs.clusterRoles)
          .list()
          .filter((role) => role.aggregationRule)
          .map((role) => role.metadata.name),
      ),
    ],
    async reconcile(ctx, role) {
      if (!role.aggregationRule) return done
      const others = ctx
        .informer(refs.clusterRoles)
        .list()
        .filter(({ metadata }) => metadata.name !== role.metadata.name)
        .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      const rules: NonNullable<ClusterRole['rules']> = []
      for (const matcher of (role.aggregationRule.clusterRoleSelectors ?? []).map(labelSelectorMatcher))
        for (const rule of others.filter((other) => matcher.matches(other.metadata.labels)).flatMap(rulesOf))
          if (!rules.some((known) => equal(known, rule))) rules.push(rule)
      if (!equal(rules, role.rules ?? [])) await ctx.client.resource(refs.clusterRoles).update({ ...role, rules })
      return done
    },
  })
}

const rulesOf = ({ rules }: ClusterRole) => rules ?? []
