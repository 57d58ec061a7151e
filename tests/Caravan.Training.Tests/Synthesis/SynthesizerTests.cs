using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Training.Synthesis;

namespace Caravan.Training.Tests;

/// <summary>Samples that a program makes: right, readable, the same for the same seed, and never both learnt from and measured with.</summary>
public class SynthesizerTests
{
    private const int Samples = 400;

    [Theory]
    [MemberData(nameof(SkillsAndSplits))]
    public void EveryAnswerPassesItsCheck(string skill, bool heldOut)
    {
        foreach (Conversation conversation in Conversations(skill, heldOut))
        {
            Assert.NotEmpty(conversation.Checks);
            foreach ((int message, Check check) in conversation.Checks)
            {
                Assert.Equal("assistant", conversation.Messages[message].Role);
                Assert.True(check.Accepts(conversation.Messages[message].Content), $"{check} refuses '{conversation.Messages[message].Content}'");
            }
        }
    }

    [Theory]
    [MemberData(nameof(SkillsAndSplits))]
    public void EveryTurnIsWellFormed(string skill, bool heldOut)
    {
        foreach (Conversation conversation in Conversations(skill, heldOut))
        {
            (string Role, string Content)[] messages = [.. conversation.Messages];
            for (int i = 0; i < messages.Length; i++)
            {
                (string role, string content) = messages[i];
                Assert.NotEqual("", content.Trim());
                // Nothing of a grammar is left over: no two blanks, no slots, no marks for line ends.
                Assert.DoesNotMatch(@"  |\{\w+\}|\\n", content);
                string before = i == 0 ? "" : messages[i - 1].Role;
                Assert.Contains(before, role switch { "system" => [""], "user" => ["", "system", "assistant"], "tool" => ["assistant"], _ => (string[])["user", "tool"] });
            }

            Assert.Equal("assistant", messages[^1].Role);
        }
    }

    [Theory]
    [MemberData(nameof(SkillsAndSplits))]
    public void LinesAreReadBackAsQuestions(string skill, bool heldOut)
    {
        using MemoryStream stream = new();
        SyntheticFile.Write(Of(skill, heldOut), 50, asText: false, stream);
        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(50, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument document = JsonDocument.Parse(lines[i]);
            Conversation conversation = Of(skill, heldOut).Conversation(i);
            List<Question> questions = Question.Of(document.RootElement);
            Assert.Equal(conversation.Checks.Count, questions.Count);
            foreach ((Question question, (int message, _)) in questions.Zip(conversation.Checks))
            {
                Assert.Equal(message, question.Messages.Count);
                Assert.Equal(conversation.Tools.Count, question.Tools?.Count ?? 0);
                Assert.True(question.Check.Accepts(conversation.Messages[message].Content));
            }
        }
    }

    [Fact]
    public void ASampleFollowsFromItsNumber()
    {
        foreach (long number in (long[])[0, 7, 1_000_000_007])
        {
            Assert.Equal(Line(new Synthesizer(3, Split.Train, SkillCatalog.All), number), Line(new Synthesizer(3, Split.Train, SkillCatalog.All), number));
            Assert.NotEqual(Line(new Synthesizer(3, Split.Train, SkillCatalog.All), number), Line(new Synthesizer(4, Split.Train, SkillCatalog.All), number));
        }

        Assert.True(Enumerable.Range(0, 500).Select(number => Line(new Synthesizer(3, Split.Train, SkillCatalog.All), number)).Distinct().Count() > 480);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SumsBelongToTheirSplitAndAreRight(bool heldOut)
    {
        Synthesizer synthesizer = Of("arithmetic", heldOut);
        IEnumerable<string> texts = Enumerable.Range(0, Samples).SelectMany(number =>
            synthesizer.Conversation(number).Messages.Where(message => message.Role == "assistant").Select(message => message.Content).Append(synthesizer.Text(number)));
        int seen = 0;
        foreach (Match match in texts.SelectMany(text => Regex.Matches(text, @"(?m)(?:^|; )(\d+) ([-+×]) (\d+)(?:: | = -\(\d+ - \d+\): )([^;\n]*), so (?:-?\d+ = )?(-?\d+)(?=;|$)")))
        {
            Problem problem = new(int.Parse(match.Groups[1].Value), match.Groups[2].Value[0], int.Parse(match.Groups[3].Value));
            Assert.Equal(heldOut ? Split.HeldOut : Split.Train, Draw.SplitOf(problem.Spelling));
            Assert.Equal(problem.Value, int.Parse(match.Groups[5].Value));
            foreach (string column in match.Groups[4].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries)) Assert.True(IsRight(column), match.Value);
            seen++;
        }

        Assert.True(seen > 5000);
    }

    [Theory]
    [InlineData(345, '+', 278, "345 + 278: 5+8=13, 4+7+1=12, 3+2+1=6, so 623")]
    [InlineData(7, '+', 237, "7 + 237: 7+7=14, 3+1=4, 2, so 244")]
    [InlineData(623, '-', 78, "623 - 78: 13-8=5, 12-7-1=4, 6-1=5, so 545")]
    [InlineData(600, '-', 599, "600 - 599: 10-9=1, 10-9-1=0, 6-5-1=0, so 001 = 1")]
    [InlineData(21, '-', 827, "21 - 827 = -(827 - 21): 7-1=6, 2-2=0, 8, so -806")]
    [InlineData(347, '×', 6, "347 × 6: 7×6=42, 4×6+4=28, 3×6+2=20, so 2082")]
    [InlineData(5, '×', 90, "5 × 90: 0×5=0, 9×5=45, so 450")]
    [InlineData(578, '-', 623, "578 - 623 = -(623 - 578): 13-8=5, 12-7-1=4, 6-5-1=0, so -045 = -45")]
    [InlineData(7, '+', 8, "7 + 8: 7+8=15, so 15")]
    [InlineData(3, '-', 8, "3 - 8 = -(8 - 3): 8-3=5, so -5")]
    [InlineData(4, '×', 7, "4 × 7: 7×4=28, so 28")]
    public void ProblemsAreWorkedOutInColumns(int a, char sign, int b, string solution) => Assert.Equal(solution, new Problem(a, sign, b).Solution);

    /// <summary>Whether a column such as <c>4×6+4=28</c> is right; one without a sign has nothing to be wrong.</summary>
    private static bool IsRight(string column)
    {
        if (column.Split('=') is not [string terms, string result]) return column.Length == 1;
        int value = 0;
        foreach (Match term in Regex.Matches(terms, @"([-+]?)(\d+)(?:×(\d+))?"))
            value += (term.Groups[1].Value == "-" ? -1 : 1) * int.Parse(term.Groups[2].Value) * (term.Groups[3].Success ? int.Parse(term.Groups[3].Value) : 1);
        return value == int.Parse(result);
    }

    [Fact]
    public void WhatIsAskedOfATextIsNotLearntElsewhere()
    {
        HashSet<string> learnt = [.. Facts(Split.Train)], asked = [.. Facts(Split.HeldOut)];
        Assert.True(asked.Count > 200);
        Assert.Empty(learnt.Intersect(asked));

        static IEnumerable<string> Facts(Split split) => Enumerable.Range(0, Samples).Select(number => WorldCatalog.English[number % 4].Asked(new Draw((ulong)number, split)).Spelling);
    }

    /// <summary>Whatever is said first of somebody begins with the name, in every world.</summary>
    [Fact]
    public void TextsSayFirstWhomTheyAreAbout()
    {
        foreach (World world in WorldCatalog.All)
        {
            foreach (Trait trait in world.Traits)
            {
                Draw draw = new(5, Split.Train);
                Fact fact = new(world.Subject(draw), trait, trait.Value(draw));
                Assert.StartsWith(fact.Subject.Name, fact.Say(draw), StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public void AnswersToTextsStandInThem()
    {
        int missing = 0;
        foreach (Conversation conversation in Conversations("context", heldOut: true))
        {
            string text = conversation.Messages[0].Content;
            foreach ((_, Check check) in conversation.Checks)
            {
                if (check is ContainsCheck contains) Assert.True(contains.Texts.All(each => text.Contains(each, StringComparison.OrdinalIgnoreCase)), text);
                else if (check is NumberCheck number) Assert.Contains(number.Value, text, StringComparison.Ordinal);
                else missing++;
            }
        }

        Assert.InRange(missing, Samples / 6, Samples / 3);
    }

    /// <summary>The first line quotes the text, the second finds in it what is asked for or, as the check knows, does not.</summary>
    [Fact]
    public void WhatIsQuotedStandsInTheText()
    {
        int quoted = 0;
        foreach (Conversation conversation in Conversations("context", heldOut: true))
        {
            string[] lines = conversation.Messages[1].Content.Split('\n');
            string[] values = [.. lines[..^1].Select(line => Regex.Match(line, "^> [^:：]+(?:: |：)(.+)$").Groups[1].Value)];
            bool missing = conversation.Checks.Single().Check is TextCheck;
            Assert.Equal(missing, values[^1] == "-");
            Assert.True(values.Length == 2 || missing);
            if (values.Length < 2) continue;
            Assert.Contains(values[0], conversation.Messages[0].Content, StringComparison.Ordinal);
            Assert.True(missing || values[0].Contains(values[1], StringComparison.Ordinal), lines[0]);
            quoted++;
        }

        Assert.InRange(quoted, Samples * 8 / 10, Samples);
    }

    /// <summary>What is measured is of one skill; what is learnt may go on with another, unless one of the two has instructions or functions.</summary>
    [Fact]
    public void OnlyWhatIsLearntMixesSkills()
    {
        Synthesizer learnt = new(1, Split.Train, SkillCatalog.All);
        Conversation[] mixed = [.. Enumerable.Range(0, Samples).Select(number => learnt.Conversation(number))];
        Assert.Contains(mixed, conversation => conversation.Checks.Any(check => check.Check is JsonCheck) && conversation.Checks.Any(check => check.Check is not JsonCheck));
        Assert.All(mixed, conversation => Assert.True(conversation.Tools.Count == 0 || conversation.Skill == "tools"));
        Assert.All(Conversations("json", heldOut: true), conversation => Assert.All(conversation.Checks, check => Assert.IsType<JsonCheck>(check.Check)));
    }

    [Fact]
    public void SkillsAreFoundByNameOrRefused() => Assert.Equal(
        "The skill 'storys' is not known; known are talk, arithmetic, lists, context, json, tools, stories. Did you mean 'stories'?",
        Assert.Throws<CaravanException>(() => SkillCatalog.Find("storys")).Message);

    public static TheoryData<string, bool> SkillsAndSplits()
    {
        TheoryData<string, bool> data = [];
        foreach (Skill skill in SkillCatalog.All)
        {
            data.Add(skill.Name, false);
            data.Add(skill.Name, true);
        }

        return data;
    }

    private static Synthesizer Of(string skill, bool heldOut) => new(1, heldOut ? Split.HeldOut : Split.Train, [SkillCatalog.Find(skill)]);

    private static IEnumerable<Conversation> Conversations(string skill, bool heldOut) => Enumerable.Range(0, Samples).Select(number => Of(skill, heldOut).Conversation(number));

    private static string Line(Synthesizer synthesizer, long number)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) synthesizer.Conversation(number).Write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
