using System.Diagnostics;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>The samples run, and stay short.</summary>
public class SampleTests
{
    [FixtureFact]
    public void GenerateContinuesAText()
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string sample = Path.Combine(Fixtures.Repository, "samples", "Generate", "bin", configuration, "net10.0", "Generate.dll");
        ProcessStartInfo start = new("dotnet", [sample, Fixtures.PathOf("real", "stories260K-hf"), "Once upon a time"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.Result);
        Assert.Equal(0, process.ExitCode);
        Assert.True(text.Split(' ').Length > 20, text);
    }

    [Fact]
    public void StayUnder40Lines()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Fixtures.Repository, "samples"), "Program.cs", SearchOption.AllDirectories))
            Assert.True(File.ReadLines(file).Count() < 40, file);
    }
}
