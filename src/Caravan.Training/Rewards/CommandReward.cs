using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Caravan.Training;

/// <summary>
/// What a program says of an answer, such as unit tests (Liu et al. 2023, "RLTF"): it runs in a folder of its own with the answer as a file, for a limited
/// time. The reward is the number on the last line that it writes, or else 1 where it ends with exit code 0 and 0 where it does not.
/// Nothing is run but what the settings name.
/// </summary>
/// <param name="settings">The program, its arguments, the file's name, the time.</param>
internal sealed partial class CommandReward(RewardSettings settings) : Reward
{
    private const int MostOutput = 1 << 20;

    private readonly IReadOnlyList<string> command = settings.Command.Count > 0
        ? settings.Command
        : throw new CaravanException("The reward 'command' needs a program that tests answers; give it with its arguments as command.");

    private readonly string file = Path.GetFileName(settings.File) == settings.File && settings.File.Length > 0
        ? settings.File
        : throw new CaravanException($"The reward 'command' cannot write answers to '{settings.File}'; give a file's name without a folder.");

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers) => [.. answers.Select(Score)];

    private double Score(Answer answer)
    {
        string folder = Directory.CreateTempSubdirectory("caravan-answer-").FullName;
        try
        {
            string path = Path.Combine(folder, file), record = Path.Combine(folder, "record.json");
            File.WriteAllText(path, settings.CodeOnly ? Code(answer.Text) : answer.Text);
            File.WriteAllText(record, (answer.Prompt.Source as PromptSample)?.Fields.ToJsonString() ?? "{}");
            return Run(folder, [.. command.Skip(1).Select(argument =>
                argument.Replace("{answer}", path, StringComparison.Ordinal).Replace("{record}", record, StringComparison.Ordinal))]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private double Run(string folder, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(command[0], arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception exception)
        {
            throw new CaravanException($"The reward 'command' cannot run '{command[0]}': {exception.Message}", exception);
        }

        using Process running = process!;
        running.StandardInput.Close();
        LastLine output = new();
        running.OutputDataReceived += (_, line) => output.Add(line.Data);
        running.ErrorDataReceived += (_, _) => { };
        running.BeginOutputReadLine();
        running.BeginErrorReadLine();
        if (!running.WaitForExit(TimeSpan.FromSeconds(settings.Seconds)))
        {
            running.Kill(entireProcessTree: true);
            running.WaitForExit();
            return 0;
        }

        running.WaitForExit();
        return double.TryParse(output.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double said) && double.IsFinite(said) ? said : running.ExitCode == 0 ? 1 : 0;
    }

    private static string Code(string text) => Fences().Matches(text) is [.., { } last] ? last.Groups[1].Value : text;

    [GeneratedRegex("```[^\n`]*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();

    /// <summary>The last line that is not blank.</summary>
    private sealed class LastLine
    {
        private string text = "";

        public string Text => Volatile.Read(ref text);

        public void Add(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line) && line.Length < MostOutput) Volatile.Write(ref text, line.Trim());
        }
    }
}
