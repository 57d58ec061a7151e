using System.Diagnostics;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Who waits uses no processor time.</summary>
public sealed class IdleTests
{
    [FixtureFact]
    public async Task AChatThatWaitsForInputSleeps()
    {
        ProcessStartInfo start = new("dotnet", [typeof(CaravanCli).Assembly.Location, "chat", CliRunner.Stories, "--greedy", "--max-tokens", "20", "--threads", "4"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process chat = Process.Start(start)!;
        try
        {
            await chat.StandardInput.WriteLineAsync("Hello");
            await chat.StandardInput.FlushAsync();
            char[] answer = new char[1];
            Assert.Equal(1, await chat.StandardOutput.ReadAsync(answer));
            // The rest of the answer, and code that is compiled again beside it, are done soon after.
            await Task.Delay(TimeSpan.FromSeconds(2));
            chat.Refresh();
            TimeSpan before = chat.TotalProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(3));
            chat.Refresh();
            // A single thread that waited by spinning would have used all of the three seconds; sleeping ones use some thousandths.
            Assert.InRange((chat.TotalProcessorTime - before).TotalSeconds, 0, 0.75);
        }
        finally
        {
            chat.Kill();
            await chat.WaitForExitAsync();
        }
    }
}
