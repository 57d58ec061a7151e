using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>The verb alone; what the server answers is tested in Caravan.Server.Tests.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ItServesUntilItIsInterrupted()
    {
        TinyLlama.Write(folder.File("tiny"));
        HookedStream output = new();
        (Terminal terminal, MemoryStream error) = CliRunner.Over(output);
        TaskCompletionSource listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
        output.OnWrite = () => listens.TrySetResult();
        Task<CliResult> run = Task.Run(() => CliRunner.Run((terminal, error), "serve", folder.File("tiny"), "--port", "0", "--json", "--context", "64", "--threads", "1"));
        await Task.WhenAny(listens.Task, run);
        // The document is written whole before anything answers a request.
        while (!run.IsCompleted && !terminal.Interrupts.Interrupt(ExitCode.Interrupted)) await Task.Delay(10);
        CliResult result = await run;
        Assert.Equal(0, result.ExitCode);
        DocumentTests.Check("serve", result.Json);
        Assert.Contains("API at http://127.0.0.1:", result.Error);
        Assert.Contains("stopping", result.Error);
    }

    [Fact]
    public void AKeyIsPrintedOnceAndItsHashKept()
    {
        string file = folder.File("keys.json");
        CliResult made = CliRunner.Run("serve", "--api-keys", file, "--new-api-key", "alice", "--key-concurrent", "2");
        Assert.Equal(0, made.ExitCode);
        Assert.StartsWith("cvn-", made.Output);
        string kept = File.ReadAllText(file);
        Assert.DoesNotContain(made.Output.Trim(), kept);
        JsonElement key = Assert.Single(JsonDocument.Parse(kept).RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(("alice", 2), (key.GetProperty("name").GetString(), key.GetProperty("concurrent_requests").GetInt32()));
        CliResult other = CliRunner.Run("serve", "--api-keys", file, "--new-api-key", "bob", "--json");
        Assert.Equal("bob", other.Json.GetProperty("name").GetString());
        Assert.Contains("has a key 'alice' already", CliRunner.Run("serve", "--api-keys", file, "--new-api-key", "alice").Error);
    }

    [Theory]
    [InlineData("serve --new-api-key a", "name it with --api-keys FILE")]
    [InlineData("serve --models . --port 70000", "--port takes 0 to 65535, not 70000.")]
    [InlineData("serve --models . --memory-budget 0", "--memory-budget takes a number of gigabytes above 0.")]
    [InlineData("serve --models . --parallel 0", "--parallel takes 1 or more, not 0.")]
    [InlineData("serve --models /nowhere --port 0", "is no folder")]
    [InlineData("serve --models . --port 0 --host nobody", "is no address to listen at")]
    [InlineData("serve --models . --port 0 --api-keys /nowhere/keys.json", "cannot be read")]
    public void MistakesAreToldInASentence(string line, string expected)
    {
        CliResult result = CliRunner.Run(line.Split(' '));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(expected, result.Error);
    }
}
