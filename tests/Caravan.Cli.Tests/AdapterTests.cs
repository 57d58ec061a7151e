using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Adapters from the command line: generated through, merged, looked at.</summary>
public sealed class AdapterTests
{
    [FixtureFact]
    public void MergedItGeneratesWhatItDoesBeside()
    {
        using TemporaryFolder folder = new();
        TinyAdapter.Write(folder.File("mine"), layers: 5, scale: 2);
        string[] rest = ["--prompt", "Once upon a time", "--max-tokens", "24", "--greedy", "--json"];
        int[] plain = Tokens(["generate", CliRunner.Stories, .. rest]), beside = Tokens(["generate", CliRunner.Stories, "--adapter", folder.File("mine"), .. rest]);
        Assert.NotEqual(plain, beside);
        CliRunner.Run("adapter", "merge", CliRunner.Stories, folder.File("mine"), folder.File("merged.gguf")).Succeeded();
        Assert.Equal(beside, Tokens(["generate", folder.File("merged.gguf"), .. rest]));
    }

    [FixtureFact]
    public void InformationSaysWhetherItFits()
    {
        using TemporaryFolder folder = new();
        TinyAdapter.Write(folder.File("mine"), layers: 5, scale: 2);
        TinyAdapter.Write(folder.File("other"), layers: 7, scale: 2);
        Assert.Contains("10 layers of", CliRunner.Run("adapter", "info", folder.File("mine"), "--model", CliRunner.Stories).Succeeded().Output, StringComparison.Ordinal);
        CliResult refused = CliRunner.Run("adapter", "info", folder.File("other"), "--model", CliRunner.Stories);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("it was made for another model", refused.Error, StringComparison.Ordinal);
        Assert.Contains("a text passes through one", CliRunner.Run("generate", CliRunner.Stories, "--adapter", folder.File("mine"), "--adapter", $"{folder.File("mine")}=again", "--prompt", "a").Error, StringComparison.Ordinal);
    }

    private static int[] Tokens(string[] line) => CliRunner.Run(line).Succeeded().Json.GetProperty("tokens").Integers();
}
