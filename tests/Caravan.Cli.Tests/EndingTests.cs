using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Ctrl-C, SIGTERM, and readers that go away.</summary>
public sealed class EndingTests
{
    private static readonly string[] LongRun = ["generate", CliRunner.Stories, "--prompt", "", "--ignore-eos", "--max-tokens", "500"];

    [FixtureTheory]
    [InlineData(130)]
    [InlineData(143)]
    public void AnInterruptEndsTheTextAndKeepsWhatThereIs(int exitCode)
    {
        HookedStream output = new();
        (Terminal terminal, MemoryStream error) = CliRunner.Over(output);
        output.OnWrite = () => terminal.Interrupts.Interrupt(exitCode);
        Assert.Equal(exitCode, CliRunner.Run((terminal, error), LongRun).ExitCode);
        Assert.InRange(output.Writes, 1, 3);
    }

    [FixtureFact]
    public void TheSecondInterruptIsLeftToTheSystem()
    {
        (Terminal terminal, _) = CliRunner.Over(new MemoryStream());
        Assert.False(terminal.Interrupts.Interrupt(130));
        using (InterruptScope work = terminal.Interrupts.Begin())
        {
            Assert.True(terminal.Interrupts.Interrupt(130));
            Assert.True(work.Token.IsCancellationRequested);
            Assert.False(terminal.Interrupts.Interrupt(130));
        }

        Assert.False(terminal.Interrupts.Interrupt(130));
    }

    [FixtureFact]
    public void AReaderThatHasGoneEndsItQuietly()
    {
        HookedStream output = new() { OnWrite = () => throw new IOException("Broken pipe", 32) };
        CliResult result = CliRunner.Run(CliRunner.Over(output), LongRun);
        Assert.Equal(141, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Equal(1, output.Writes);
    }

    [FixtureFact]
    public void AFullDiskIsToldInASentence()
    {
        HookedStream output = new() { OnWrite = () => throw new IOException("No space left on device", 28) };
        CliResult result = CliRunner.Run(CliRunner.Over(output), LongRun);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("caravan: The system refused to read or write: No space left on device\n", result.Error);
    }

    [FixtureFact]
    public void AnInterruptedConversionLeavesNothing()
    {
        using TemporaryFolder folder = new();
        MemoryStream error = new();
        Terminal terminal = new(TextReader.Null, new MemoryStream(), error) { ErrorIsTerminal = true, Interrupts = new ImpatientInterrupts() };
        CliResult result = CliRunner.Run((terminal, error), "convert", CliRunner.Stories, folder.File("a.gguf"));
        Assert.Equal(130, result.ExitCode);
        Assert.Contains($"caravan: Interrupted; nothing was written to '{folder.File("a.gguf")}'.\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>Ctrl-C in the moment in which work begins.</summary>
    private sealed class ImpatientInterrupts : Interrupts
    {
        public override InterruptScope Begin()
        {
            InterruptScope scope = base.Begin();
            Interrupt(130);
            return scope;
        }
    }
}
