using System.Text.Json;

namespace Caravan.Cli.Tests;

/// <summary>What a command line did.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>The document on stdout; fails unless it is exactly one, in one line.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.EndsWith("\n", Output, StringComparison.Ordinal);
            Assert.Single(Output, character => character == '\n');
            return JsonDocument.Parse(Output).RootElement;
        }
    }

    /// <summary>Fails, showing what was said, unless it ended well.</summary>
    public CliResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }
}
