using Caravan.Testing;

namespace Caravan.Cli.Tests;

public sealed class PullTests : IDisposable
{
    private readonly TemporaryFolder home = new();
    private readonly StandInHub hub = new("org/stories");

    public void Dispose()
    {
        hub.Dispose();
        home.Dispose();
    }

    [FixtureFact]
    public void APulledModelIsKnownByItsName()
    {
        WithStories();
        CliResult missing = Run("generate", "org/stories", "--prompt", "Once");
        Assert.Equal(ExitCode.Failure, missing.ExitCode);
        Assert.Contains("run 'caravan pull org/stories' first.", missing.Error, StringComparison.Ordinal);

        CliResult pulled = Run("pull", "org/stories", "--json").Succeeded();
        DocumentTests.Check("pull", pulled.Json);
        Assert.Contains("was there", Run("pull", "org/stories").Succeeded().Output, StringComparison.Ordinal);

        string[] rest = ["--prompt", "Once upon", "--greedy", "--max-tokens", "8"];
        string expected = CliRunner.Run(["generate", Fixtures.PathOf("real", "stories260K-hf"), .. rest]).Succeeded().Output;
        Assert.Equal(expected, Run(["generate", "org/stories", .. rest]).Succeeded().Output);
        Assert.Equal(expected, Run(["generate", "--model", "org/stories", "--tokenizer", "org/stories", .. rest]).Succeeded().Output);
        Assert.Equal("1\n", Run("tokenize", "org/stories", "--text", "", "--ids").Succeeded().Output);
        Assert.Equal("Once", Run("detokenize", "--model", "org/stories", "403", "407").Succeeded().Output[..4]);
        Run("info", "org/stories").Succeeded();
        Run("convert", "org/stories", home.File("a.gguf"), "--type", "f16").Succeeded();
        Run("quantize", "org/stories", home.File("b.gguf"), "--type", "q8_0").Succeeded();
        Assert.Contains("Did you mean 'org/stories'?", Run("info", "org/storise").Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void OneOfSeveralGgufFilesIsNamedByItsQuantization()
    {
        string gguf = home.File("stories.gguf");
        CliRunner.Run("convert", CliRunner.Stories, gguf, "--type", "q8_0").Succeeded();
        hub.WithLarge("stories-Q8_0.gguf", File.ReadAllBytes(gguf)).WithLarge("stories-F16.gguf", [1, 2, 3]);
        Assert.Contains("has 2 GGUF models: 'stories-F16.gguf' (0.0 GB), 'stories-Q8_0.gguf' (0.0 GB)", Run("pull", "org/stories").Error, StringComparison.Ordinal);
        Run("pull", "org/stories:q8_0").Succeeded();
        Run("generate", "org/stories:Q8_0", "--prompt", "Once", "--max-tokens", "2").Succeeded();
        Run("generate", "org/stories", "--prompt", "Once", "--max-tokens", "2").Succeeded();
        Assert.Contains("has no GGUF model of 'Q4_0'", Run("info", "org/stories:Q4_0").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTokenComesFromTheEnvironmentOrItsFileAndIsNeverPrinted()
    {
        hub.With("config.json", "{}");
        home.Write("token", "hf_FromTheFile\n"u8);
        CliResult result = Run("pull", "org/stories", "--verbose");
        Assert.All(hub.Hub.Requests, request => Assert.Equal("Bearer hf_FromTheFile", request.Header("Authorization")));
        Assert.DoesNotContain("hf_From", result.Output + result.Error, StringComparison.Ordinal);
        hub.Hub.Requests.Clear();
        hub.Instead = _ => WebResponse.Refusal(403, "GatedRepo");
        CliResult refused = CliRunner.Run(Over(("HF_TOKEN", "hf_FromTheVariable")), "pull", "org/stories", "--verbose");
        Assert.All(hub.Hub.Requests, request => Assert.Equal("Bearer hf_FromTheVariable", request.Header("Authorization")));
        Assert.DoesNotContain("hf_From", refused.Output + refused.Error, StringComparison.Ordinal);
        hub.Hub.Requests.Clear();
        CliRunner.Run(Over(("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")), "pull", "org/stories");
        Assert.All(hub.Hub.Requests, request => Assert.Null(request.Header("Authorization")));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("ON", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void OfflineTheHubIsNotAsked(string value, bool offline)
    {
        hub.With("config.json", "{}");
        CliResult result = CliRunner.Run(Over(("HF_HUB_OFFLINE", value)), "pull", "org/stories");
        Assert.Equal(offline ? ExitCode.Failure : ExitCode.Success, result.ExitCode);
        Assert.Equal(offline, hub.Hub.Requests.IsEmpty);
        if (!offline) return;
        Assert.Contains("HF_HUB_OFFLINE keeps caravan from asking the hub", result.Error, StringComparison.Ordinal);
        Assert.Contains("take HF_HUB_OFFLINE away, then run 'caravan pull org/stories' first.", CliRunner.Run(Over(("HF_HUB_OFFLINE", value)), "info", "org/stories").Error, StringComparison.Ordinal);
        Run("pull", "org/stories").Succeeded();
        hub.Hub.Requests.Clear();
        Assert.Contains("was there", CliRunner.Run(Over(("HF_HUB_OFFLINE", value)), "pull", "org/stories").Succeeded().Output, StringComparison.Ordinal);
        Assert.Empty(hub.Hub.Requests);
    }

    [Theory]
    [InlineData("pull a/b/c", 2, "'a/b/c' is no name of a model")]
    [InlineData("pull org/stories:", 2, "'org/stories:' is no name of a model")]
    [InlineData("pull org/stories --connections 0", 2, "--connections takes 1 to 64, not 0.")]
    [InlineData("pull org/stories --file nothing", 1, "'org/stories' has no file 'nothing' in 'main'.")]
    public void MistakesAreToldInASentence(string line, int exitCode, string sentence)
    {
        CliResult result = Run(line.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith("caravan: " + sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndpointThatIsNoneIsRefused() =>
        Assert.Contains("HF_ENDPOINT holds 'nowhere'", CliRunner.Run(Over(("HF_ENDPOINT", "nowhere")), "pull", "org/stories").Error, StringComparison.Ordinal);

    [Fact]
    public void CtrlCSaysThatTheSameCommandGoesOn()
    {
        using ManualResetEvent never = new(false);
        (Terminal terminal, MemoryStream error) = Over();
        hub.Instead = _ =>
        {
            terminal.Interrupts.Interrupt(ExitCode.Interrupted);
            return new WebResponse(200) { Body = [1], Hold = never };
        };
        CliResult result = CliRunner.Run((terminal, error), "pull", "org/stories");
        never.Set();
        Assert.Equal(ExitCode.Interrupted, result.ExitCode);
        Assert.Contains("the same command goes on from there", result.Error, StringComparison.Ordinal);
    }

    private void WithStories()
    {
        string folder = Fixtures.PathOf("real", "stories260K-hf");
        hub.With("config.json", File.ReadAllText(Path.Combine(folder, "config.json"))).With("README.md", "A model.");
        foreach (string file in new[] { "model.safetensors", "tokenizer.model" }) hub.WithLarge(file, File.ReadAllBytes(Path.Combine(folder, file)));
    }

    private CliResult Run(params string[] arguments) => CliRunner.Run(Over(), arguments);

    private (Terminal Terminal, MemoryStream Error) Over(params (string Name, string Value)[] environment)
    {
        MemoryStream error = new();
        Dictionary<string, string> variables = new() { ["HF_HOME"] = home.Path, ["HF_ENDPOINT"] = hub.Address };
        foreach ((string name, string value) in environment) variables[name] = value;
        return (new Terminal(new StringReader(""), new MemoryStream(), error) { Environment = variables.GetValueOrDefault }, error);
    }
}
