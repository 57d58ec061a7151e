using System.Text;
using System.Text.RegularExpressions;
using Caravan.Testing;
using Caravan.Training;

namespace Caravan.Cli.Tests;

/// <summary>docs/methods.md and the table of settings in docs/training.md are made from the catalogue of methods and the settings' own sentences.</summary>
public sealed class TrainingDocumentTests : IDisposable
{
    private const string Begin = "<!-- settings: made by TrainingDocumentTests -->\n", End = "<!-- end of settings -->\n";

    private const string MethodsHead = """
        # Methods of training

        Made by `TrainingDocumentTests` from `MethodCatalog` and the settings; after a change, copy `methods.received.md` from the test's output folder.
        A method is chosen with `method:` in the settings of a run or `--method`; [training.md](training.md) says how runs are made. What a method alone can
        be told stands in a section of its name, and every key there is also a flag, such as `--dpo.beta 0.2`.

        | method | learns from | what is learnt | paper |
        |---|---|---|---|

        """;

    private const string RewardsHead = """

        ## Rewards

        Methods that let the model answer prompts itself have a list `rewards` of what answers are worth, whose weighted sum counts:
        `rewards: [{kind: number}, {kind: length, tokens: 200, weight: 0.1}]`, or `rewards: json` for one alone. What answers are compared with stands in the
        prompt's own record, such as `{"prompt": "6 * 7?", "answer": "42"}`. Costs (`safe_rlhf`) are written in the same way.

        | kind | worth |
        |---|---|

        """;

    private static readonly SettingSchema Schema = new(typeof(TrainingSettings));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheTableOfSettingsIsMadeFromThem()
    {
        string page = Document("training.md");
        int start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = page.IndexOf(End, StringComparison.Ordinal);
        Compare("training", page, page[..start] + SettingsTables() + page[end..]);
    }

    [Fact]
    public void ThePageOfMethodsIsMadeFromTheCatalogue()
    {
        StringBuilder text = new(MethodsHead);
        foreach (MethodRow row in MethodCatalog.All) text.Append($"| `{row.Name}` | {Words(row.Samples)} | {row.Summary} | {row.Paper} |\n");
        foreach (MethodRow row in MethodCatalog.All)
        {
            if (SectionOf(row) is not { } section) continue;
            text.Append($"\n## {row.Name}\n\n{row.Summary} Learns from {Words(row.Samples)}; {row.Paper}.\n\n");
            AppendTable(text, section.Schema!.All);
        }

        text.Append(RewardsHead);
        foreach (RewardEntry reward in RewardCatalog.All) text.Append($"| `{reward.Name}` | {reward.Summary} |\n");
        text.Append("\nEach of them is told:\n\n");
        AppendTable(text, new SettingSchema(typeof(RewardSettings)).All);
        Compare("methods", Document("methods.md"), text.ToString());
    }

    [Fact]
    public void EveryExampleOfSettingsIsUnderstood()
    {
        MatchCollection examples = Regex.Matches(Document("training.md"), "```yaml\n(.*?)```", RegexOptions.Singleline);
        Assert.True(examples.Count >= 4);
        foreach (string example in examples.Select(match => match.Groups[1].Value))
        {
            SettingsReader<TrainingSettings> reader = new();
            reader.ReadFile(folder.Write("example.yaml", Encoding.UTF8.GetBytes(example)));
            TrainingSettings settings = reader.Build();
            settings.Check();
            MethodCatalog.Named(settings.Method);
            Assert.Contains(settings.Optimizer.Name, OptimizerCatalog.All.Keys);
            Assert.Contains(settings.Schedule.Name, ScheduleCatalog.All.Keys);
        }
    }

    [Fact]
    public void SentencesNameEveryOptimizerAndSchedule()
    {
        Assert.All(OptimizerCatalog.All.Keys, name => Assert.Contains(name, DescriptionOf("optimizer.name"), StringComparison.Ordinal));
        Assert.All(ScheduleCatalog.All.Keys, name => Assert.Contains(name, DescriptionOf("schedule.name"), StringComparison.Ordinal));
    }

    private static string DescriptionOf(string path) => Schema.All.Single(setting => setting.Path == path).Attribute.Description;

    /// <summary>General settings, then a table for each section that is no method's.</summary>
    private static string SettingsTables()
    {
        StringBuilder text = new("\n");
        AppendTable(text, Schema.Settings.Where(setting => !setting.IsSection));
        HashSet<Setting?> ofMethods = [.. MethodCatalog.All.Select(SectionOf)];
        foreach (Setting section in Schema.Settings.Where(setting => setting.IsSection && !ofMethods.Contains(setting)))
        {
            text.Append($"\n### {section.Key}\n\n{section.Attribute.Description}\n\n");
            AppendTable(text, section.Schema!.All);
        }

        foreach (Setting list in Schema.Settings.Where(setting => setting.IsList && setting.Schema is not null).DistinctBy(setting => setting.ValueType))
        {
            text.Append($"\n### Each of {list.Key}\n\n");
            AppendTable(text, list.Schema!.Settings);
        }

        return text.Append('\n').ToString();
    }

    private static string Words(SampleKind samples) => SettingValue.Write(samples).Replace('_', ' ');

    private static Setting? SectionOf(MethodRow row) => Schema.Settings.FirstOrDefault(setting => setting.IsSection && setting.Key == row.Name.Replace('-', '_'));

    private static void AppendTable(StringBuilder text, IEnumerable<Setting> settings)
    {
        text.Append("| key | value | default | |\n|---|---|---|---|\n");
        foreach (Setting setting in settings.Where(each => !each.IsSection))
        {
            string usual = setting.Attribute.IsRequired ? "required" : setting is { IsList: true } or { Default: null or "" } ? "" : SettingValue.Shown(setting.Default!);
            string value = SettingValue.PlaceholderOf(setting).Replace("|", " \\| ", StringComparison.Ordinal) + (setting.IsList ? " …" : "");
            text.Append($"| `{setting.Path}` | {value} | {usual} | {setting.Attribute.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
    }

    private static string Document(string name) => File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", name));

    private static void Compare(string name, string expected, string actual)
    {
        string received = Path.Combine(AppContext.BaseDirectory, $"{name}.received.md");
        if (expected != actual) File.WriteAllText(received, actual);
        Assert.True(expected == actual, $"docs/{name}.md is not what the settings say; compare {received}.");
    }
}
