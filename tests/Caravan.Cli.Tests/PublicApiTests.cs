using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>
/// The public surface is a reviewed list. A change to it shows up as a difference from <c>PublicApi.txt</c>; when it is meant, copy the file
/// that the failing test names over it.
/// </summary>
public class PublicApiTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(CaravanException).Assembly, typeof(Formats.Picture).Assembly, typeof(Text.Tokenizer).Assembly, typeof(Models.Model).Assembly, typeof(Weights.Converter).Assembly,
        typeof(Inference.Engine).Assembly,
    ];

    [Fact]
    public void IsTheReviewedOne()
    {
        string expected = File.ReadAllText(Path.Combine(Fixtures.Repository, "tests", "Caravan.Cli.Tests", "PublicApi.txt"));
        string actual = Describe();
        string received = Path.Combine(AppContext.BaseDirectory, "PublicApi.received.txt");
        if (expected != actual) File.WriteAllText(received, actual);
        Assert.True(expected == actual, $"The public surface has changed; compare {received} with PublicApi.txt.");
    }

    [Fact]
    public void StaysSmall() => Assert.InRange(Types().Count(), 1, 45);

    private static IEnumerable<Type> Types() => Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static string Describe()
    {
        StringBuilder text = new();
        foreach (Type type in Types())
        {
            text.Append(type.FullName).Append('\n');
            IEnumerable<string> members = type
                .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && member is not MethodInfo { IsSpecialName: true })
                .Select(member => member.ToString()!)
                .Order(StringComparer.Ordinal);
            foreach (string member in members) text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }
}
