using System.Text.RegularExpressions;
using System.Xml.Linq;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>The rules of the house that a compiler does not check.</summary>
public class HouseTests
{
    /// <summary>Bottom first: a project may use those before it.</summary>
    private static readonly string[] Order =
        ["Caravan.Kernels", "Caravan.Tensors", "Caravan.Formats", "Caravan.Text", "Caravan.Models", "Caravan.Weights", "Caravan.Inference", "Caravan.Training", "Caravan.Hub", "Caravan.Server", "Caravan.Cli"];

    [Fact]
    public void AProjectUsesOnlyWhatStandsBelowIt()
    {
        string[] projects = [.. Directory.GetFiles(Path.Combine(Fixtures.Repository, "src"), "*.csproj", SearchOption.AllDirectories)];
        Assert.Equal(Order.Order(), projects.Select(Path.GetFileNameWithoutExtension).Order());
        foreach (string project in projects)
        {
            int place = Array.IndexOf(Order, Path.GetFileNameWithoutExtension(project));
            foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                string used = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
                Assert.True(Array.IndexOf(Order, used) < place, $"{Order[place]} must not use {used}");
            }
        }
    }

    [Fact]
    public void OnlyKernelsHasUnsafeCode()
    {
        foreach (string project in Directory.GetFiles(Path.Combine(Fixtures.Repository, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            bool allowed = XDocument.Load(project).Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true");
            Assert.Equal(Path.GetFileNameWithoutExtension(project) == "Caravan.Kernels", allowed);
        }
    }

    [Fact]
    public void SourceFilesStayShort()
    {
        foreach (string file in Sources())
            Assert.True(File.ReadLines(file).Count() < 500, $"{file} has 500 lines or more; split it by responsibility");
    }

    [Fact]
    public void HardwareIsAskedInOnePlace()
    {
        Regex question = new(@"\b(Avx\w*|Fma|Sse\w*|AdvSimd|Vector(128|256|512))\.(IsSupported|IsHardwareAccelerated)\b");
        foreach (string file in Sources().Where(file => Path.GetFileName(file) != "Cpu.cs"))
            Assert.False(question.IsMatch(File.ReadAllText(file)), $"{file} asks for hardware; Cpu.cs is the place");
    }

    [Fact]
    // In Caravan.Text, "llama" is the name of a kind of vocabulary.
    public void NothingAsksForAFamilyByName()
    {
        Regex question = new("(==|is|case) \"(llama|mistral)\"");
        foreach (string file in Sources().Where(file => !file.Contains("/Families/", StringComparison.Ordinal) && !file.Contains("/Caravan.Text/", StringComparison.Ordinal)))
            Assert.False(question.IsMatch(File.ReadAllText(file)), $"{file} tests a family's name");
    }

    [Fact]
    public void EnvironmentVariablesAreReadOnlyByTheCommandLine()
    {
        foreach (string file in Sources().Where(file => !file.Contains("/Caravan.Cli/", StringComparison.Ordinal)))
            Assert.DoesNotContain("GetEnvironmentVariable", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFamilyIsRegistered()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Fixtures.Repository, "src", "Caravan.Models", "Families"), "*.cs")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(name => typeof(Models.Family).Assembly.GetType($"Caravan.Models.{name}") is { IsAbstract: false } type && type.IsSubclassOf(typeof(Models.Family)))];
        Assert.Equal(files.Order(), Models.FamilyCatalog.All.Select(family => family.GetType().Name).Order());
    }

    private static IEnumerable<string> Sources() =>
        Directory.GetFiles(Path.Combine(Fixtures.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}
