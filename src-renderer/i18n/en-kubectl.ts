/** Words of the kubectl console, and of programs that are the user's own. */
export const enKubectl = {
  programs: {
    get: 'Install it with {command}, then look again.',
    named: '{variable} names {named}, which cannot be run: correct it or unset it.',
    again: 'Check again',
  },
  kubectl: {
    tab: 'kubectl',
    open: 'kubectl console',
    add: 'New kubectl console',
    label: 'kubectl and helm commands',
    missing: 'The console needs kubectl.',
    greeting:
      'kubectl {version} on {cluster}; helm runs here, too. Files are looked for in {home}. Tab completes, Ctrl-R searches, Ctrl-C ends.',
    namespace: 'Namespace',
    namespaceHint: 'Where commands look that name no namespace. It follows the one that is chosen on the page.',
    running: 'A command runs',
    runs: 'Runs: {line}',
    ended: 'Ended with exit code {code}',
    end: 'End it',
    clear: 'Clear the console',
    lost: 'The connection was lost.',
    code: 'exit code {code}',
    signal: 'ended by {signal}',
    cut: 'What was said before is not kept any more.',
    more: 'one more | one more | and {count} more',
    search: 'search: “{query}”  ',
    notFound: 'not found: “{query}”  ',
    done: {
      edit: 'Opened in an editor of the app.',
      shell: 'Opened in a shell of the app.',
      attach: 'Joined in a terminal of the app.',
      namespace: 'Commands look in namespace {name} from now on.',
    },
    wishes: {
      expansion:
        'There is no shell here, so $… and `…` stand for nothing. Put it in single quotes to have it as it is.',
      redirect: 'There is no shell here, so nothing can be redirected. Copy the output, or name a file with -f.',
      background: 'A command cannot go on in the background here. Open another console beside this one.',
      or: 'There is no shell here: commands are joined by ; or &&, not by ||.',
      source:
        'Only kubectl and helm run here: what kubectl is to read comes from a file (-f), or from echo or cat <<EOF.',
    },
    instead: {
      run: 'A console is no terminal for other programs. Leave out -it, then write: attach -it NAME.',
      exec: 'A console is no terminal for other programs. Name a pod itself: exec -it POD -- sh opens a shell of the app.',
      edit: 'Write edit TYPE/NAME to have it in an editor of the app; for a file, change it and write apply -f FILE.',
      editor: 'No editor runs here. Write edit TYPE/NAME to have an object in an editor of the app.',
    },
  },
}
