using System.Text;
using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Runs command lines inside the test's process, over memory.</summary>
internal static class CliRunner
{
    /// <summary>The trained model of the fixtures.</summary>
    public static string Stories => Fixtures.PathOf("real", "stories260K.bin");

    /// <summary>What the reference says about <see cref="Stories"/>.</summary>
    public static JsonElement StoriesGolden =>
        JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json"))).RootElement;

    /// <summary>Runs a command line with nobody watching and nothing typed.</summary>
    public static CliResult Run(params string[] arguments) => RunWithInput("", arguments);

    /// <summary>Runs a command line with text piped in.</summary>
    public static CliResult RunWithInput(string input, params string[] arguments) => Run(Over(new MemoryStream(), input), arguments);

    /// <summary>Runs a command line in a window that somebody watches and types into.</summary>
    public static CliResult RunWatched(string typed, params string[] arguments)
    {
        MemoryStream error = new();
        Terminal terminal = new(new StringReader(typed), new MemoryStream(), error)
        {
            InputIsTerminal = true, OutputIsTerminal = true, ErrorIsTerminal = true, Width = 200, Environment = NoHub,
        };
        return Run((terminal, error), arguments);
    }

    /// <summary>A terminal over a given output.</summary>
    public static (Terminal Terminal, MemoryStream Error) Over(Stream output, string input = "")
    {
        MemoryStream error = new();
        return (new Terminal(new StringReader(input), output, error) { Environment = NoHub }, error);
    }

    /// <summary>An environment where no test reaches a hub or the models of whoever runs the tests.</summary>
    private static string? NoHub(string name) => name switch
    {
        "HF_ENDPOINT" => "http://127.0.0.1:1",
        "HF_HOME" => "/nowhere",
        _ => null,
    };

    /// <summary>Runs a command line in a terminal.</summary>
    public static CliResult Run((Terminal Terminal, MemoryStream Error) over, params string[] arguments)
    {
        int exitCode = new CaravanCli(over.Terminal).Run(arguments);
        string output = over.Terminal.OutputBytes is MemoryStream memory ? Encoding.UTF8.GetString(memory.ToArray()) : "";
        return new CliResult(exitCode, output, Encoding.UTF8.GetString(over.Error.ToArray()));
    }

    /// <summary>The whole numbers of a JSON array.</summary>
    public static int[] Integers(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
