using System.Diagnostics;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>The samples run, and stay short.</summary>
public class SampleTests
{
    [FixtureFact]
    public void GenerateContinuesAText() => Assert.True(Run("Generate", Fixtures.PathOf("real", "stories260K-hf"), "Once upon a time").Split(' ').Length > 20);

    [Fact]
    public void ChatAnswers()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        Run("Chat", folder.Path, "What time is it?");
    }

    [Fact]
    public void EmbedCompares()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Write(folder.Path);
        string[] lines = Run("Embed", folder.Path, "the name", "the name", "12").Trim().Split('\n');
        Assert.Equal("the name: 1.000", lines[0].Trim());
        Assert.Equal(2, lines.Length);
    }

    private static string Run(string sample, params string[] arguments)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string dll = Path.Combine(Fixtures.Repository, "samples", sample, "bin", configuration, "net10.0", $"{sample}.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [dll, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.Result);
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    [Fact]
    public void StayUnder40Lines()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Fixtures.Repository, "samples"), "Program.cs", SearchOption.AllDirectories))
            Assert.True(File.ReadLines(file).Count() < 40, file);
    }
}
