using Caravan.Testing;

namespace Caravan.Kernels.Tests;

/// <summary>How many cores there are, by what Linux says about its processors.</summary>
public sealed class CpuTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("0-7", "0-1 0-1 2-3 2-3 4-5 4-5 6-7 6-7", 8, 4)]
    [InlineData("0-3", "0,4 1,5 2,6 3,7 0,4 1,5 2,6 3,7", 4, 4)]
    [InlineData("0,4-5", "0,4 1,5 2,6 3,7 0,4 1,5 2,6 3,7", 3, 2)]
    // A container may use a single processor's time, or the processors are not those that are described.
    [InlineData("0-7", "0-1 0-1 2-3 2-3 4-5 4-5 6-7 6-7", 1, 1)]
    [InlineData("0-8", "0 1", 5, 5)]
    [InlineData("all", "0 1", 5, 5)]
    [InlineData("0", "", 3, 3)]
    public void Siblings_count_once(string allowed, string siblings, int processors, int cores)
    {
        string[] lists = siblings.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int cpu = 0; cpu < lists.Length; cpu++)
        {
            string topology = Path.Combine(folder.Path, $"cpu{cpu}", "topology");
            Directory.CreateDirectory(topology);
            File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), lists[cpu] + "\n");
        }

        string status = folder.File("status");
        File.WriteAllLines(status, ["Name:\tcaravan", $"Cpus_allowed_list:\t{allowed}", "Threads:\t1"]);
        Assert.Equal(cores, Cpu.CountCores(folder.Path, status, processors));
    }

    [Fact]
    public void Other_systems_count_processors()
    {
        Assert.Equal(6, Cpu.CountCores(folder.Path, folder.File("nothing"), 6));
        Assert.InRange(Cpu.Cores, 1, Environment.ProcessorCount);
    }
}
