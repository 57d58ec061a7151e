using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Carries the terminal to whoever has the parsed command line.</summary>
internal sealed class TerminalConfiguration(Terminal terminal) : InvocationConfiguration
{
    /// <summary>The terminal.</summary>
    public Terminal Terminal => terminal;
}
