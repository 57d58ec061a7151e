using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Models;
using Caravan.Training;
using Caravan.Training.Synthesis;

namespace Caravan.Cli;

/// <summary>Asks a model questions whose right answers are known.</summary>
internal sealed class EvalSkillsVerb : Verb
{
    private readonly Argument<string[]> files = new("FILES") { Description = "Questions, as 'caravan data synth' writes them; '--split held-out' makes those that no training saw.", Arity = ArgumentArity.OneOrMore };
    private readonly ModelFlags models = new();
    private readonly ChatFlags chat = new();
    private readonly Option<int?> limit = Flag.Number<int>("--limit", "N", "Most questions of each skill (default: all).");
    private readonly Option<int?> answers = Flag.Number<int>("--answers", "N", "How many answers to each question (default 1).");
    private readonly Option<float?> temperature = Flag.Number<float>("--temperature", "T", "Temperature of the answers (default 0: the most probable token).");
    private readonly Option<ulong?> seed = Flag.Number<ulong>("--seed", "N", "What chance follows from (default 1).");
    private readonly Option<int?> tokens = Flag.Number<int>("--max-tokens", "N", "Most tokens of an answer (default 256).");
    private readonly Option<bool> constrain = Flag.Switch("--constrain", "Hold answers that must be JSON to a schema with the fields that are asked for, by a grammar.");
    private readonly Option<string?> pairs = Flag.Text("--pairs", "FILE", "Write a right and a wrong answer to each question that got both, as preferences to learn from (JSON Lines).");
    private readonly Option<string?> wrong = Flag.Text("--wrong", "FILE", "Write each question with a wrong answer, and the answers, to read (JSON Lines).");

    public override string? Group => "eval";

    public override string Name => "skills";

    public override string Summary => "Ask a model questions whose right answers are known.";

    public override string Example =>
        "caravan eval skills held-out.jsonl --model my-model\n" +
        "caravan eval skills train.jsonl --model my-model --answers 8 --temperature 1 --pairs pairs.jsonl";

    public override string Notes => "Questions: caravan data synth --split held-out --output held-out.jsonl. A question may stand anywhere in a conversation: earlier answers are then the right ones. 'valid' counts answers that are JSON where JSON was asked for.";

    protected override IEnumerable<Symbol> Symbols =>
        [files, models.Option, limit, answers, temperature, seed, tokens, constrain, pairs, wrong, .. chat.Symbols, .. models.Loading, .. models.Running];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string path = models.PathOf(parsed);
        SkillExamOptions options = Options(parsed);
        using InterruptScope work = terminal.Interrupts.Begin();
        (Question Question, Origin Origin)[] questions = [.. Questions(parsed, work.Token)];
        using Model model = models.Load(parsed);
        SkillExam exam = new(model, chat.Format(parsed, model), options);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<GradedAnswers> graded = terminal.Watch<long, IReadOnlyList<GradedAnswers>>(
            "Asking", done => (done, questions.Length), progress => exam.Run([.. questions.Select(each => each.Question)], progress, work.Token));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (parsed.GetValue(pairs) is { } pairsPath) WritePairs(pairsPath, graded.Zip(questions, (answers, each) => answers.Pair(each.Origin)).OfType<PreferenceSample>());
        if (parsed.GetValue(wrong) is { } wrongPath) WriteWrong(wrongPath, graded.Zip(questions, (answers, each) => (answers, each.Origin)));
        Report(parsed, terminal, path, SkillScore.Of(graded), elapsed);
        return ExitCode.Success;
    }

    private SkillExamOptions Options(ParseResult parsed)
    {
        SkillExamOptions usual = new();
        SkillExamOptions options = usual with
        {
            Answers = parsed.GetValue(answers) ?? usual.Answers,
            Temperature = parsed.GetValue(temperature) ?? usual.Temperature,
            Seed = parsed.GetValue(seed) ?? usual.Seed,
            MaxTokens = parsed.GetValue(tokens) ?? usual.MaxTokens,
            Constrained = parsed.GetValue(constrain),
            Engine = models.EngineOptionsOf(parsed),
        };
        if (options.Answers < 1) throw new UsageException($"--answers takes 1 or more, not {options.Answers}.");
        if (options.MaxTokens < 1) throw new UsageException($"--max-tokens takes 1 or more, not {options.MaxTokens}.");
        if (parsed.GetValue(limit) is < 1 and var few) throw new UsageException($"--limit takes 1 or more, not {few}.");
        new SamplingOptions { Temperature = (float)options.Temperature }.Validate();
        return options;
    }

    private IEnumerable<(Question, Origin)> Questions(ParseResult parsed, CancellationToken cancellation)
    {
        int most = parsed.GetValue(limit) ?? int.MaxValue;
        Dictionary<string, int> taken = new(StringComparer.Ordinal);
        foreach (DataRecord record in new SampleFiles(parsed.GetRequiredValue(files)).Records(cancellation: cancellation))
        {
            foreach (Question question in Question.Of(record))
            {
                int count = taken.GetValueOrDefault(question.Skill);
                if (count == most) continue;
                taken[question.Skill] = count + 1;
                yield return (question, record.Origin);
            }
        }
    }

    private static void WritePairs(string path, IEnumerable<PreferenceSample> samples)
    {
        using SampleWriter writer = new(path);
        foreach (PreferenceSample sample in samples) writer.Write(sample, SampleFormats.Named("preference"));
        writer.Commit();
    }

    private static void WriteWrong(string path, IEnumerable<(GradedAnswers Answers, Origin Origin)> graded)
    {
        using SampleWriter writer = new(path);
        foreach ((GradedAnswers each, Origin origin) in graded.Where(pair => pair.Answers.Right < pair.Answers.Answers.Count))
        {
            writer.Write(new JsonObject
            {
                ["skill"] = each.Question.Skill,
                ["question"] = each.Question.Messages[^1]!["content"]?.ToString(),
                ["answers"] = new JsonArray([.. each.Answers.Select(answer => JsonValue.Create(answer))]),
                ["check"] = each.Question.Check.ToString(),
                ["from"] = origin.ToString(),
            });
        }

        writer.Commit();
    }

    private void Report(ParseResult parsed, Terminal terminal, string model, IReadOnlyList<SkillScore> scores, TimeSpan elapsed)
    {
        if (!parsed.GetValue(Json))
        {
            new ReportPrinter(terminal).Table("Skills", ["skill", "questions", "answers", "right", "valid"], scores.Select(score => (string[])
                [score.Skill, $"{score.Questions:N0}", $"{score.Answers:N0}", $"{score.Accuracy:P1}", score.ValidShare is { } valid ? $"{valid:P1}" : ""]));
            terminal.Output.WriteLine($"Asked {Quantity.Of(scores.Sum(score => score.Questions), "question")} in {Quantity.Time(elapsed)}.");
            return;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("model", model);
            document.WriteStartArray("skills");
            foreach (SkillScore score in scores)
            {
                document.WriteStartObject();
                document.WriteString("skill", score.Skill);
                document.WriteNumber("questions", score.Questions);
                document.WriteNumber("answers", score.Answers);
                document.WriteNumber("right", score.Right);
                document.WriteOptional("valid", score.Valid);
                document.WriteNumber("accuracy", score.Accuracy);
                document.WriteEndObject();
            }

            document.WriteEndArray();
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
    }
}
