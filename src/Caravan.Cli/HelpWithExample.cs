using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Caravan.Cli;

/// <summary>The usual help, and below it an example to copy.</summary>
internal sealed class HelpWithExample(HelpAction usual, IReadOnlyDictionary<Command, Verb> verbs) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (!verbs.TryGetValue(parseResult.CommandResult.Command, out Verb? verb))
        {
            output.WriteLine("'caravan VERB --help' says more about a verb and gives an example.\n");
            return result;
        }

        if (verb.Notes is not null) output.WriteLine($"Notes:\n  {Indented(verb.Notes)}\n");
        output.WriteLine($"Example:\n  {Indented(verb.Example)}\n");
        return result;
    }

    private static string Indented(string text) => text.Replace("\n", "\n  ", StringComparison.Ordinal);
}
