/** Words of who may do what. */
export const enAccess = {
  access: {
    title: 'Who can do what',
    hint: 'What roles and bindings grant. What nodes may do with their own pods is decided elsewhere and not shown here.',
    own: 'What can I do?',
    ownNothing: 'Nothing is granted to you here.',
    ownUnknown: 'The cluster does not tell in full what you may do here.',
    who: 'Who can do this?',
    what: 'What can this subject do?',
    verb: 'Verb',
    in: 'In',
    anywhere: 'any namespace',
    everywhere: 'everywhere',
    subject: 'Subject',
    subjectHint: 'ServiceAccount shop/default, User jane, Group system:masters',
    where: 'Where',
    by: 'By role ← binding',
    noRole: 'The role does not exist.',
    nobody: 'Nobody is granted this.',
    nothing: 'Nothing is granted to it, nor to the groups that it is always in.',
    noSubject: 'Begin with User, Group or ServiceAccount; a service account is written namespace/name.',
  },
}
