using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Wrong command lines and wrong files: the exact sentence, the exit code, and the same sentence as JSON.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("genrate", "'genrate' is no verb of caravan; known are generate, chat, serve, pull, info, logits, tokenize, detokenize, convert, quantize, adapter, train, report, bench, eval, data, catalog. Did you mean 'generate'?")]
    [InlineData("logits", "No model was given; name one with --model PATH. 'caravan logits --help' has an example.")]
    [InlineData("generate x --promt y", "'--promt' is no option of 'caravan generate'; 'caravan generate --help' says what can be given. Did you mean '--prompt'?")]
    [InlineData("generate --modle x", "'--modle' is no option of 'caravan generate'; 'caravan generate --help' says what can be given. Did you mean '--model'?")]
    [InlineData("generate x y z", "'y' was not expected there; quote texts with blanks, and 'caravan generate --help' says what can be given.")]
    [InlineData("generate x --model y", "'x' was not expected there, since --model names 'y' already; quote texts with blanks.")]
    [InlineData("generate x --prompt", "Required argument missing for option: '--prompt'. 'caravan generate --help' says what can be given.", false)]
    [InlineData("generate x --prompt --greedy", "--prompt has no value: '--greedy' behind it is an option; write --prompt=--greedy if that is meant.")]
    [InlineData("generate x --prompt a --prompt-file b", "--prompt and --prompt-file were both given; leave one out.")]
    [InlineData("generate x --prompt a --temperature warm", "--temperature takes a number, not 'warm'. 'caravan generate --help' says what can be given.")]
    [InlineData("generate x --prompt a --top-k 1.5", "--top-k takes a whole number of at most 32 bits, not '1.5'. 'caravan generate --help' says what can be given.")]
    [InlineData("generate x --prompt a --greedy --temperature 1", "--greedy and --temperature 1 contradict each other; leave one out.")]
    [InlineData("generate x --prompt a --max-tokens 0", "--max-tokens takes 1 or more, not 0.")]
    [InlineData("generate x --prompt a --logprobs 2", "--logprobs has no place in plain text; give --json too.", false)]
    [InlineData("logits x --tokens 1 --positions lst", "--positions takes 'last' or 'all', not 'lst'. Did you mean 'last'?")]
    [InlineData("logits x --tokens 1 --generate -1", "--generate takes 0 tokens or more, not -1.")]
    [InlineData("tokenize x --text a --offsets byte", "--offsets takes utf16, codepoints, bytes, not 'byte'. Did you mean 'bytes'?")]
    [InlineData("detokenize 1 2", "Whose tokens they are was not said; use --model PATH or --tokenizer PATH.")]
    [InlineData("convert x", "Required argument 'TARGET' missing for command: 'convert'. 'caravan convert --help' says what can be given.")]
    [InlineData("convert x y --type q9", "'q9' is no type of weights; known are f32, f16, bf16, q4_0, q4_1, q5_0, q5_1, q8_0, q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, iq4_xs, nf4.")]
    [InlineData("eval", "A verb is missing behind 'caravan eval'; known are perplexity, loss, skills.")]
    [InlineData("eval perplexty x", "'perplexty' is no verb of caravan eval; known are perplexity, loss, skills. Did you mean 'perplexity'?")]
    [InlineData("eval perplexity --model x", "Required argument 'FILE' missing for command: 'perplexity'. 'caravan eval perplexity --help' says what can be given.")]
    [InlineData("eval perplexity x", "No model was given; name one with --model PATH. 'caravan eval perplexity --help' has an example.")]
    [InlineData("eval perplexity x --model y --stride 0", "--stride takes 1 token or more, not 0.")]
    [InlineData("eval perplexity x --model y --context 8 --stride 9", "--stride 9 would leave tokens out between windows of --context 8; give 8 or less.")]
    [InlineData("bench x --instruction-set avx", "--instruction-set takes scalar, vector128, avx2, avx512, not 'avx'. Did you mean 'avx2'?")]
    [InlineData("bench", "No model was given; name one with --model PATH. 'caravan bench --help' has an example.")]
    [InlineData("bench x --prompt 0 --generate 0", "--prompt 0 and --generate 0 leave nothing to measure.")]
    [InlineData("bench x --batch 0", "--batch takes 1 to 512, not 0.")]
    [InlineData("bench x --type q4_0", "--type is for models of random weights; name a shape with --synthetic.")]
    [InlineData("bench x --save y", "--save is for models of random weights; name a shape with --synthetic.")]
    [InlineData("bench x --synthetic llama-7b", "--synthetic makes a model of its own; leave out 'x' or --synthetic.")]
    [InlineData("bench --synthetic tinylama-1.1b", "--synthetic takes tinyllama-1.1b, llama-7b, mixtral-small, not 'tinylama-1.1b'. Did you mean 'tinyllama-1.1b'?")]
    [InlineData("bench --synthetic llama-7b --type q4", "--type takes f32, f16, bf16, q2_k, q3_k_s, q3_k_m, q3_k_l, iq4_xs, iq4_nl, q4_0, q4_k_s, q4_k_m, q4_1, q5_0, q5_k_s, q5_k_m, q5_1, q6_k, q8_0, not 'q4'. Did you mean 'q4_0' or 'q4_1'?")]
    [InlineData("convert x y --format gguff", "--format takes gguf or safetensors, not 'gguff'. Did you mean 'gguf'?")]
    public void AWrongCommandLineEndsWithTwo(string line, string sentence, bool asJson = true)
    {
        CliResult plain = CliRunner.Run(line.Split(' '));
        Assert.Equal($"caravan: {sentence}\n", plain.Error);
        Assert.Equal(2, plain.ExitCode);
        Assert.Empty(plain.Output);
        if (!asJson) return;
        CliResult json = CliRunner.Run([.. line.Split(' '), "--json"]);
        Assert.Equal((2, plain.Error), (json.ExitCode, json.Error));
        Assert.Equal(sentence, json.Json.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("generate nope --prompt a", "'nope' does not exist; check the path.")]
    [InlineData("info nope", "'nope' does not exist; check the path.")]
    [InlineData("logits nope --tokens 1", "'nope' does not exist; check the path.")]
    [InlineData("tokenize nope --text a", "'nope' does not exist; check the path.")]
    [InlineData("tokenize --tokenizer nope --text a", "There is no file or folder 'nope'; give a model's folder or tokenizer file.")]
    [InlineData("detokenize --model nope 1", "'nope' does not exist; check the path.")]
    [InlineData("bench nope", "'nope' does not exist; check the path.")]
    [InlineData("convert nope x.gguf", "'nope' does not exist; check the path.")]
    [InlineData("generate x --prompt a --top-p 2", "The sampling option TopP is 2, but must be from 0 to 1; 1 switches it off.")]
    public void WhatCannotBeDoneEndsWithOne(string line, string sentence)
    {
        CliResult plain = CliRunner.Run(line.Split(' '));
        Assert.Equal($"caravan: {sentence}\n", plain.Error);
        Assert.Equal(1, plain.ExitCode);
        Assert.Empty(plain.Output);
        CliResult json = CliRunner.Run([.. line.Split(' '), "--json"]);
        Assert.Equal((1, sentence), (json.ExitCode, json.Json.GetProperty("error").GetProperty("message").GetString()));
        // The trace is there for those who ask, above the sentence.
        CliResult verbose = CliRunner.Run([.. line.Split(' '), "--verbose"]);
        Assert.Contains("   at Caravan.", verbose.Error, StringComparison.Ordinal);
        Assert.EndsWith(plain.Error, verbose.Error, StringComparison.Ordinal);
    }

    [FixtureTheory]
    [InlineData("--tokens 1,2,96", "There is no token 96; the model knows 0 to 95.")]
    [InlineData("--tokens -1", "There is no token -1; the model knows 0 to 95.")]
    [InlineData("--tokens 1,two", "'two' is no token number; give whole numbers such as 1,2,3.")]
    [InlineData("--tokens ,", "There are no tokens to compute; give at least one, such as --tokens 1.")]
    public void TokensAreChecked(string options, string sentence)
    {
        CliResult result = CliRunner.Run(["logits", Fixtures.PathOf("models", "llama-gqa"), .. options.Split(' ')]);
        Assert.Equal((1, $"caravan: {sentence}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void WithoutAWordTheHelpIsShown()
    {
        CliResult help = CliRunner.Run().Succeeded();
        foreach (Verb verb in VerbCatalog.Create()) Assert.Contains($"  {verb.Group ?? verb.Name} ", help.Output, StringComparison.Ordinal);
        Assert.Equal(help, CliRunner.Run("--help"));
    }

    [Fact]
    public void TheHelpOfEveryVerbHasAnExampleThatParses()
    {
        foreach (Verb verb in VerbCatalog.Create())
        {
            CliResult help = CliRunner.Run([.. verb.FullName.Split(' '), "--help"]).Succeeded();
            Assert.Contains($"Example:\n  {verb.Example.Split('\n')[0]}\n", help.Output, StringComparison.Ordinal);
            Assert.Contains("--json", help.Output, StringComparison.Ordinal);
            foreach (string line in verb.Example.Split('\n'))
            {
                string[] words = [.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(line.Split(" | ")[0]).Skip(1)];
                // The files of the examples are not here, so most end with 1; 2 would mean that the line itself is wrong.
                Assert.True(CliRunner.Run(words).ExitCode is ExitCode.Success or ExitCode.Failure, line);
            }
        }
    }

    [Fact]
    public void VerbsHaveOneFileAndOneLine()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Fixtures.Repository, "src", "Caravan.Cli", "Verbs"), "*Verb.cs")
            .Select(Path.GetFileNameWithoutExtension).Where(name => name != "Verb").Order()!];
        Assert.Equal(files, VerbCatalog.Create().Select(verb => verb.GetType().Name).Order());
    }

    [Fact]
    public void VersionIsOneLine() => Assert.Matches(@"^caravan \d+\.\d+\.\d+\n$", CliRunner.Run("--version").Succeeded().Output);

    [Fact]
    public void ABugSaysThatItIsOneAndHowToSeeMore()
    {
        HookedStream output = new() { OnWrite = () => throw new InvalidOperationException("the hook") };
        CliResult plain = CliRunner.Run(CliRunner.Over(output), "info", "--help");
        const string bug = "caravan: This is a bug of Caravan (InvalidOperationException: the hook); ";
        Assert.Equal((1, bug + "run it again with --verbose for the trace, and please report it.\n"), (plain.ExitCode, plain.Error));
        CliResult verbose = CliRunner.Run(CliRunner.Over(output), "info", "--help", "--verbose");
        Assert.StartsWith("System.InvalidOperationException: the hook\n   at ", verbose.Error, StringComparison.Ordinal);
        Assert.EndsWith(bug + "please report it with the trace above.\n", verbose.Error, StringComparison.Ordinal);
    }
}
