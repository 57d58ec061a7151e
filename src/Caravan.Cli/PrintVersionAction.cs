using System.CommandLine;
using System.CommandLine.Invocation;

namespace Caravan.Cli;

/// <summary>Answers <c>--version</c>.</summary>
internal sealed class PrintVersionAction(Func<int> print) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult) => print();
}
