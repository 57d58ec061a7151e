namespace Caravan.Kernels.Tests;

public sealed class WorkerPoolTests
{
    public static TheoryData<int> WorkerCounts => [1, 2, 3, 5, 16];

    [Theory]
    [MemberData(nameof(WorkerCounts))]
    public void Every_item_is_done_exactly_once(int workers)
    {
        using WorkerPool pool = new(workers);
        foreach (long items in new long[] { 0, 1, 2, 3, 15, 16, 17, 100, 1_000, 40_000 })
        {
            foreach (long grain in new long[] { 1, 2, 7, 16, 999, 100_000, long.MaxValue })
            {
                if (items / grain > 2_000) continue;
                using NativeBuffer done = new(items * sizeof(int));
                pool.For(items, grain, new CountJob(done.Bytes.Cast<int>()));
                Assert.DoesNotContain(done.Bytes.Cast<int>().AsSpan().ToArray(), count => count != 1);
            }
        }
    }

    [Fact]
    public void Negative_counts_do_nothing()
    {
        using WorkerPool pool = new(2);
        pool.For(-3, 1, new ThrowJob(at: 0));
    }

    [Fact]
    public void Zero_workers_mean_one_for_each_core()
    {
        using WorkerPool pool = new();
        Assert.Equal(Cpu.Cores, pool.Workers);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(-1));
    }

    [Theory]
    [InlineData(2, 200_000)]
    [InlineData(5, 300_000)]
    public void Tiny_regions_follow_each_other_without_deadlock(int workers, int regions)
    {
        using WorkerPool pool = new(workers);
        using NativeBuffer counter = new(sizeof(long));
        for (int region = 0; region < regions; region++) pool.For(workers, 1, new AddJob(counter.Bytes.Cast<long>()));
        Assert.Equal((long)regions * workers, counter.Bytes.Cast<long>()[0]);
    }

    [Fact]
    public void Workers_that_sleep_are_woken()
    {
        using WorkerPool pool = new(4);
        using NativeBuffer counter = new(sizeof(long));
        Random random = new(1);
        for (int region = 0; region < 200; region++)
        {
            // Around the moment when workers give up spinning, and well after it.
            if (region % 2 == 0) Thread.SpinWait(random.Next(100_000));
            else Thread.Sleep(random.Next(3));
            pool.For(64, 1, new AddJob(counter.Bytes.Cast<long>()));
        }

        Assert.Equal(200 * 64, counter.Bytes.Cast<long>()[0]);
    }

    /// <summary>Every worker gets a piece: nobody leaves its own before all have come.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void All_workers_take_part(int workers)
    {
        using WorkerPool pool = new(workers);
        using NativeBuffer counter = new(sizeof(long));
        for (int region = 0; region < 1_000; region++)
        {
            counter.Bytes.Clear();
            pool.For(workers, 1, new MeetJob(counter.Bytes.Cast<long>(), workers));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_exception_reaches_the_caller_and_the_pool_survives(int workers)
    {
        using WorkerPool pool = new(workers);
        using NativeBuffer done = new(1_000 * sizeof(int));
        for (int round = 0; round < 200; round++)
        {
            int at = round * 5;
            InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => pool.For(1_000, 1, new ThrowJob(at)));
            Assert.Equal($"item {at}", thrown.Message);
        }

        pool.For(1_000, 1, new CountJob(done.Bytes.Cast<int>()));
        Assert.DoesNotContain(done.Bytes.Cast<int>().AsSpan().ToArray(), count => count != 1);
    }

    [Fact]
    public void Callers_from_several_threads_take_turns()
    {
        using WorkerPool pool = new(3);
        int wrong = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Call))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        Assert.Equal(0, wrong);

        void Call()
        {
            using NativeBuffer counter = new(sizeof(long));
            for (int region = 0; region < 2_000; region++) pool.For(10, 3, new AddJob(counter.Bytes.Cast<long>()));
            if (counter.Bytes.Cast<long>()[0] != 20_000) Interlocked.Increment(ref wrong);
        }
    }

    [Fact]
    public void Each_thread_has_scratch_of_its_own()
    {
        using WorkerPool pool = new(4);
        using NativeBuffer wrong = new(sizeof(long));
        foreach (long floats in new long[] { 1, 100, 17, 5_000, 3 })
            pool.For(2_000, 1, new ScratchJob(wrong.Bytes.Cast<long>(), floats), floats);
        Assert.Equal(0, wrong.Bytes.Cast<long>()[0]);
    }

    [Fact]
    public void Scratch_that_does_not_fit_memory_fails_and_the_pool_survives()
    {
        using WorkerPool pool = new(2);
        using NativeBuffer wrong = new(sizeof(long));
        pool.For(10, 1, new ScratchJob(wrong.Bytes.Cast<long>(), 10), 10);
        Assert.Throws<CaravanException>(() => pool.For(10, 1, new ScratchJob(wrong.Bytes.Cast<long>(), 1), 1L << 58));
        pool.For(10, 1, new ScratchJob(wrong.Bytes.Cast<long>(), 10), 10);
        Assert.Equal(0, wrong.Bytes.Cast<long>()[0]);
    }

    [Fact]
    public void Regions_allocate_nothing()
    {
        using WorkerPool pool = new(2);
        using NativeBuffer counter = new(sizeof(long));
        AddJob job = new(counter.Bytes.Cast<long>());
        for (int region = 0; region < 100; region++) pool.For(8, 1, job, 64);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int region = 0; region < 1_000; region++) pool.For(8, 1, job, 64);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Disposing_an_idle_pool_ends_its_threads_and_refuses_more_work()
    {
        for (int round = 0; round < 50; round++)
        {
            WorkerPool pool = new(3);
            using NativeBuffer counter = new(sizeof(long));
            if (round % 2 == 0) pool.For(3, 1, new AddJob(counter.Bytes.Cast<long>()));
            if (round % 5 == 0) Thread.Sleep(1);
            pool.Dispose();
            pool.Dispose();
            Assert.Throws<ObjectDisposedException>(() => pool.For(3, 1, new AddJob(counter.Bytes.Cast<long>())));
        }
    }
}
