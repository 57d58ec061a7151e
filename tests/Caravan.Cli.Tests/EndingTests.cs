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

    /// <summary>Calls something whenever it is written to.</summary>
    private sealed class HookedStream : MemoryStream
    {
        public Action? OnWrite { get; set; }

        public int Writes { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            OnWrite?.Invoke();
        }
    }
}
