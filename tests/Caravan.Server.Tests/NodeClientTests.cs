using System.Diagnostics;
using Caravan.Testing;

namespace Caravan.Server.Tests;

/// <summary>The clients <c>openai</c> and <c>ollama</c> of npm against the server: <c>tests/clients</c>.</summary>
public sealed class NodeClientTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly string Folder = Path.Combine(Fixtures.Repository, "tests", "clients");

    [NodeFact]
    public Task OpenAi() => RunAsync("node", "openai.mjs", server.Address + "/v1");

    [NodeFact]
    public Task Ollama() => RunAsync("node", "ollama.mjs", server.Address);

    /// <summary>Installs the clients once, as the lock file says.</summary>
    internal static bool Install()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openai"))) return true;
        try
        {
            RunAsync("npm", "ci", "--no-audit", "--no-fund").GetAwaiter().GetResult();
            return true;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or Xunit.Sdk.XunitException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await error);
    }
}
