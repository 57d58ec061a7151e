using System.Diagnostics;
using Xunit.Sdk;

namespace Caravan.Server.Tests;

/// <summary>A fact that needs Node and the clients of <c>tests/clients</c>; counts as skipped where they cannot be had.</summary>
[XunitTestCaseDiscoverer("Xunit.Sdk.FactDiscoverer", "xunit.execution.{Platform}")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> HasClients = new(() => HasNode() && NodeClientTests.Install());

    /// <summary>Creates the fact.</summary>
    public NodeFactAttribute()
    {
        if (!HasClients.Value) Skip = "needs Node, and npm to install tests/clients";
    }

    private static bool HasNode()
    {
        try
        {
            using Process node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            node.WaitForExit();
            return node.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
